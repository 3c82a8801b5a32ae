using Deutero.Data;

namespace Deutero.Cli.Inputs;

/// <summary>An image file with the class that its folder names, or <see langword="null"/> where it names none.</summary>
/// <param name="Path">The file.</param>
/// <param name="Class">The name of the class.</param>
public sealed record LabelledImage(string Path, string? Class)
{
    private static readonly string[] s_extensions = [".png", ".jpg", ".jpeg"];

    /// <summary>Lists a folder of class folders, each with at least one example image.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The images by class, in order of name; names that start with a dot are passed over.</returns>
    /// <exception cref="DataNotFoundException">There is no such folder.</exception>
    /// <exception cref="DataFormatException">There are fewer than two classes, a class has no image, or a file is none.</exception>
    public static IReadOnlyList<LabelledImage> OfClasses(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DataNotFoundException($"There is no folder {folder}: a support folder with one folder of example images for each class was expected.");
        }

        var classes = Visible(Directory.EnumerateDirectories(folder));
        return classes.Count >= 2
            ? [.. classes.SelectMany(Labelled)]
            : throw new DataFormatException($"{folder} has {classes.Count} class folder(s): at least 2 are expected, each with a few example images.");
    }

    /// <summary>Lists the images to classify.</summary>
    /// <param name="paths">Files, folders of images, or folders of class folders, whose names are then the true classes.</param>
    /// <exception cref="DataNotFoundException">A path does not exist.</exception>
    /// <exception cref="DataFormatException">There is no image at all, or a file is none.</exception>
    public static IReadOnlyList<LabelledImage> OfQueries(IEnumerable<string> paths)
    {
        var given = paths.ToArray();
        var found = given.SelectMany(Queries).ToArray();
        return found.Length > 0
            ? found
            : throw new DataFormatException($"{string.Join(", ", given)} holds no PNG or JPEG image to classify.");
    }

    private static IEnumerable<LabelledImage> Queries(string path)
    {
        if (!Directory.Exists(path))
        {
            return File.Exists(path) ? [new(path, null)] : throw new DataNotFoundException($"There is no file or folder {path} to classify.");
        }

        var files = Visible(Directory.EnumerateFiles(path));
        return files.Count > 0
            ? files.Select(file => new LabelledImage(RequireImage(file), null))
            : Visible(Directory.EnumerateDirectories(path)).SelectMany(Labelled);
    }

    private static IEnumerable<LabelledImage> Labelled(string folder)
    {
        var files = Visible(Directory.EnumerateFiles(folder));
        return files.Count > 0
            ? files.Select(file => new LabelledImage(RequireImage(file), System.IO.Path.GetFileName(folder)))
            : throw new DataFormatException($"{folder} has no images: a class folder needs at least one PNG or JPEG file.");
    }

    private static string RequireImage(string file) =>
        s_extensions.Contains(System.IO.Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
            ? file
            : throw new DataFormatException($"{file} is not a .png, .jpg or .jpeg file, and nothing is skipped in silence: move it elsewhere.");

    private static List<string> Visible(IEnumerable<string> entries) =>
        [.. entries.Where(entry => !System.IO.Path.GetFileName(entry).StartsWith('.')).Order(StringComparer.Ordinal)];
}

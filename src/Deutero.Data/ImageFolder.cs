using Deutero.Evaluation;
using Deutero.Tasks;
using Deutero.Torch.Imaging;

namespace Deutero.Data;

/// <summary>The user's own images: a folder of class folders of PNG and JPEG files.</summary>
/// <remarks>
/// Either <c>PATH/class/image.png</c>, split by class name, or <c>PATH/{train,val,test}/class/image.png</c>, split as it stands.
/// Nothing is skipped in silence: a file that cannot be read, or that is no image, is an error that names it. Only names that
/// start with a dot are passed over.
/// </remarks>
public static class ImageFolder
{
    private const int FewestImages = 2;

    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg"];

    /// <summary>Reads all images of a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">Size, channels and split, or <see langword="null"/> for the defaults.</param>
    /// <returns>Items <c>[channels, size, size]</c> in [0, 1].</returns>
    /// <exception cref="DataNotFoundException">There is no such folder.</exception>
    /// <exception cref="DataFormatException">The folder has too few classes, a class too few images, or splits share a class.</exception>
    /// <exception cref="ImageFormatException">A file is not a whole PNG or JPEG.</exception>
    public static ClassData Open(string path, ImageFolderOptions? options = null)
    {
        options ??= new ImageFolderOptions();
        Check(path, options);
        var folders = Subfolders(path);
        var (train, validation, test) = (Named(folders, "train"), Named(folders, "val", "validation"), Named(folders, "test"));
        if (train is not null && validation is not null && test is not null && folders.Count == 3)
        {
            return Guarded(path, Pool(path, Split.Train, Subfolders(train), options),
                Pool(path, Split.Validation, Subfolders(validation), options), Pool(path, Split.Test, Subfolders(test), options));
        }

        var splits = options.Fractions.Assign(path, [.. folders.Select(folder => Path.GetFileName(folder))]);
        var pools = Enum.GetValues<Split>()
            .Select(split => Pool(path, split, [.. folders.Where(folder => splits[Path.GetFileName(folder)] == split)], options)).ToArray();
        return Guarded(path, pools[0], pools[1], pools[2]);
    }

    private static void Check(string path, ImageFolderOptions options)
    {
        if (options.Size is < 1 or > 1024 || options.Channels is not (1 or 3))
        {
            throw new ArgumentException(
                $"Images are read at 1 to 1024 pixels a side with 1 or 3 channels, not {options.Size} with {options.Channels}.");
        }

        if (!Directory.Exists(path))
        {
            throw new DataNotFoundException($"There is no folder {path}: a folder of class folders of PNG or JPEG files was expected.");
        }
    }

    private static ClassData Guarded(string path, IClassPool train, IClassPool validation, IClassPool test)
    {
        EpisodeGuard.RefuseClassOverlap(train, validation, test);
        return new ClassData($"folder:{path}", train, validation, test);
    }

    private static ImageClasses Pool(string path, Split split, List<string> folders, ImageFolderOptions options)
    {
        var name = $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))}/{split.ToString().ToLowerInvariant()}";
        if (folders.Count == 0)
        {
            throw new DataFormatException($"{path} has no class folders for {split.ToString().ToLowerInvariant()}.");
        }

        var files = folders.Select(folder => (Class: Path.GetFileName(folder), Files: Images(folder))).ToArray();
        var size = options.Size * options.Size * options.Channels;
        var count = files.Sum(one => one.Files.Count);
        if ((long)count * size > Array.MaxLength)
        {
            throw new DataFormatException(
                $"{path} has {count:N0} images for {name}, too many to hold at {options.Size}x{options.Size}: choose a smaller size.");
        }

        var pixels = new byte[count * size];
        var classes = new List<ImageClass>();
        var row = 0;
        foreach (var (label, images) in files)
        {
            classes.Add(new ImageClass(label, [.. Enumerable.Range(row, images.Count)]));
            foreach (var image in images)
            {
                var decoded = ImageFile.Read(image, options.Channels).Resize(options.Size, options.Size);
                decoded.Pixels.CopyTo(pixels, size * row++);
            }
        }

        var buffer = new ImageBuffer(pixels, options.Channels, options.Size, options.Size, PixelLayout.ChannelsLast);
        return new ImageClasses(name, buffer, classes);
    }

    private static List<string> Images(string folder)
    {
        var files = Visible(Directory.EnumerateFileSystemEntries(folder));
        var stranger = files.Find(
            file => !Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase) || Directory.Exists(file));
        if (stranger is not null)
        {
            throw new DataFormatException($"{stranger} is not a .png, .jpg or .jpeg file, and a class folder must hold nothing else.");
        }

        return files.Count >= FewestImages
            ? files
            : throw new DataFormatException(
                $"{folder} has {files.Count} image(s): a class needs at least {FewestImages}, one to learn from and one to ask.");
    }

    private static List<string> Subfolders(string path) => Visible(Directory.EnumerateDirectories(path));

    private static List<string> Visible(IEnumerable<string> entries) =>
        [.. entries.Where(entry => !Path.GetFileName(entry).StartsWith('.')).Order(StringComparer.Ordinal)];

    private static string? Named(List<string> folders, params string[] names) =>
        folders.Find(folder => names.Contains(Path.GetFileName(folder), StringComparer.OrdinalIgnoreCase));
}

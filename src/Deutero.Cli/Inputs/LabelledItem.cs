using Deutero.Data;
using Deutero.Edge;

namespace Deutero.Cli.Inputs;

/// <summary>An example or a question as a model takes it, from the files that fit the model: images, or texts or rows of a table in a file.</summary>
/// <param name="Name">What answers call it: a file, a text, or a row of a file.</param>
/// <param name="Class">The name of its class; null where that is not known.</param>
/// <param name="Values">Its numbers.</param>
internal sealed record LabelledItem(string Name, string? Class, float[] Values)
{
    /// <summary>Reads the examples of a support set.</summary>
    /// <param name="path">A folder of class folders with images; for a model of texts or rows a file of them with their classes.</param>
    /// <param name="input">What the model takes.</param>
    /// <param name="source">The data that the model was trained on, whose name may end in <c>#COLUMN</c>.</param>
    /// <param name="polarity">Whether images are inverted.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <returns>The examples, and how many of the images were inverted.</returns>
    /// <exception cref="DataNotFoundException">The path does not exist.</exception>
    /// <exception cref="DataFormatException">There are fewer than two classes, or a file is not as expected.</exception>
    internal static (IReadOnlyList<LabelledItem> Items, int Inverted) Examples(
        string path, InputContract input, string source, InkPolarity polarity, CancellationToken cancellation)
    {
        if (input.Image is { } images)
        {
            return OfImages(LabelledImage.OfClasses(path), images, polarity, cancellation);
        }

        IReadOnlyList<LabelledItem> items = [.. OfFile(path, input, source)];
        if (items.FirstOrDefault(item => item.Class is null) is { } nameless)
        {
            throw new DataFormatException($"{nameless.Name} has no class: examples need one each.");
        }

        var classes = items.Select(item => item.Class).Distinct().Count();
        return classes >= 2 ? (items, 0) : throw new DataFormatException($"{path} has {classes} class(es): at least 2 are expected, each with a few examples.");
    }

    /// <summary>Reads what is to be classified.</summary>
    /// <param name="paths">As for <see cref="Examples"/>; classes may be missing, and texts may stand in a <c>.txt</c> file, one a line.</param>
    /// <param name="input">What the model takes.</param>
    /// <param name="source">The data that the model was trained on.</param>
    /// <param name="polarity">Whether images are inverted.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="DataNotFoundException">A path does not exist.</exception>
    /// <exception cref="DataFormatException">A file is not as expected.</exception>
    internal static (IReadOnlyList<LabelledItem> Items, int Inverted) Queries(
        IReadOnlyList<string> paths, InputContract input, string source, InkPolarity polarity, CancellationToken cancellation) => input.Image is { } images
        ? OfImages(LabelledImage.OfQueries(paths), images, polarity, cancellation)
        : ([.. paths.SelectMany(path => OfFile(path, input, source))], 0);

    private static (IReadOnlyList<LabelledItem> Items, int Inverted) OfImages(
        IReadOnlyList<LabelledImage> images, ImageContract contract, InkPolarity polarity, CancellationToken cancellation)
    {
        var inverted = 0;
        var items = images.Select(image =>
        {
            cancellation.ThrowIfCancellationRequested();
            var (pixels, turned) = contract.Read(image.Path, polarity);
            inverted += turned ? 1 : 0;
            return new LabelledItem(image.Path, image.Class, pixels);
        }).ToArray();
        return (items, inverted);
    }

    private static IEnumerable<LabelledItem> OfFile(string path, InputContract input, string source)
    {
        if (Directory.Exists(path))
        {
            throw new DataFormatException($"{path} is a folder, but this model takes {input.Takes}: a file of them with their classes is expected.");
        }

        // The user's own data may name the column of the class; the examples of other tables and texts have it in the usual ones.
        var column = source.Split('#') is [_, var named] ? named : null;
        return input switch
        {
            { Texts: not null } when Path.GetExtension(path).Equals(".txt", StringComparison.OrdinalIgnoreCase) => Lines(path)
                .Select(text => new LabelledItem(text, null, input.Read(text, $"'{text}' in {path}"))),
            { Texts: not null } => TextFile.Read(path, column).Select(text => new LabelledItem(text.Text, text.Label, input.Read(text.Text, $"'{text.Text}' in {path}"))),
            { Table: { } table } => MixedTable.Rows(path, column).Select(row => ($"{path}, row {row.Number}", row))
                .Select(one => new LabelledItem(one.Item1, one.row.Label, input.Read(table.Typed(one.row.Cells), one.Item1))),
            _ => throw new ArgumentException($"This model takes {input.Takes}, which are read from no file: ask it through 'deutero serve' or the library."),
        };
    }

    private static IEnumerable<string> Lines(string path) => File.Exists(path)
        ? File.ReadLines(path).Where(line => line.Trim().Length > 0)
        : throw new DataNotFoundException($"There is no file {path}: texts to classify were expected, one a line.");
}

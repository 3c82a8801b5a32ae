using System.Globalization;

namespace Deutero.Data;

/// <summary>The 28x28 derivative of Omniglot: one IDX file and an index of its rows.</summary>
internal static class OmniglotDerivative
{
    internal const string ImagesFile = "omniglot28-images-idx3-ubyte.gz";
    internal const string IndexFile = "omniglot28-index.tsv.gz";

    private static readonly string[] Columns = ["row", "class", "set", "alphabet", "character", "file", "drawer", "vinyals_split"];

    private static readonly Dictionary<string, Split> Splits =
        new(StringComparer.Ordinal) { ["train"] = Split.Train, ["val"] = Split.Validation, ["test"] = Split.Test };

    internal static Omniglot Read(string folder)
    {
        var path = Path.Combine(folder, ImagesFile);
        var array = Idx.ReadFile(path, 3);
        if (array.Shape[1] != Omniglot.Size || array.Shape[2] != Omniglot.Size)
        {
            throw new DataFormatException($"{path} has images of {array.Shape[1]}x{array.Shape[2]} pixels, not 28x28.");
        }

        var images = new ImageBuffer(array.Data, 1, Omniglot.Size, Omniglot.Size, PixelLayout.ChannelsFirst);
        return new Omniglot(images, ReadIndex(Path.Combine(folder, IndexFile), images.Count));
    }

    private static OmniglotCharacter[] ReadIndex(string path, int images)
    {
        var lines = TabbedFile.Read(path, Columns).ToList();
        var astray = lines.FindIndex(line => !Splits.ContainsKey(line[7]) || line[2] is not ("background" or "evaluation"));
        if (astray < 0)
        {
            astray = Enumerable.Range(0, lines.Count)
                .FirstOrDefault(row => lines[row][0] != row.ToString(CultureInfo.InvariantCulture), -1);
        }

        if (astray >= 0)
        {
            throw new DataFormatException(
                $"{path}, line {astray + 2} ({string.Join(", ", lines[astray])}) is not row {astray} of a known set and split.");
        }

        return lines.Count == images
            ? [.. lines.GroupBy(line => line[1]).Select(rows => Character([.. rows]))]
            : throw new DataFormatException($"{path} names {lines.Count} images where {ImagesFile} has {images}.");
    }

    private static OmniglotCharacter Character(string[][] rows) => new(
        rows[0][3], rows[0][4], rows[0][2] == "background", Splits[rows[0][7]],
        Array.ConvertAll(rows, row => int.Parse(row[0], CultureInfo.InvariantCulture)));
}

using Deutero.Evaluation;

namespace Deutero.Data;

/// <summary>98 classes of natural images at 32x32 RGB, from Tiny-ImageNet, split so that no high-level category is shared.</summary>
/// <remarks>ImageNet's terms: for non-commercial research and education only. No published few-shot number applies to it.</remarks>
public static class TinyImageNet32
{
    private const int Size = 32;

    private static readonly string[] Columns =
        ["class", "wnid", "name", "tieredimagenet_category_wnid", "category_name", "split", "images"];

    private static readonly (Split Split, string Word)[] Splits = [(Split.Train, "train"), (Split.Validation, "val"), (Split.Test, "test")];

    /// <summary>Opens the three splits.</summary>
    /// <param name="dataFolder">The folder with <c>tiny-imagenet32/</c>, or <see langword="null"/> to look in the usual places.</param>
    /// <returns>61, 17 and 20 classes of items <c>[3, 32, 32]</c>.</returns>
    /// <exception cref="DataNotFoundException">The files are in none of the places.</exception>
    /// <exception cref="DataFormatException">A file is damaged, or two splits share a class.</exception>
    public static ClassData Open(string? dataFolder = null)
    {
        var set = DataSets.TinyImageNet32;
        var folder = DataLocation.Resolve(dataFolder).Find(set, [.. set.Files.Select(file => file.Name)]);
        var table = TabbedFile.Read(Path.Combine(folder, "classes.tsv"), Columns).ToArray();
        var pools = Array.ConvertAll(Splits, split => ReadSplit(folder, split.Word, split.Split, table));
        EpisodeGuard.RefuseClassOverlap(pools[0], pools[1], pools[2]);
        return new ClassData(set.Name, pools[0], pools[1], pools[2]) { BroaderNames = table.ToDictionary(NameOf, row => row[4], StringComparer.Ordinal) };
    }

    private static ImageClasses ReadSplit(string folder, string word, Split split, string[][] table)
    {
        var path = Path.Combine(folder, $"{word}-images-idx4-ubyte.gz");
        var array = Idx.ReadFile(path, 4);
        var labels = Idx.ReadFile(Path.Combine(folder, $"{word}-labels-idx1-ubyte.gz"), 1);
        if (array.Shape[1] != Size || array.Shape[2] != Size || array.Shape[3] != 3 || array.Shape[0] != labels.Shape[0])
        {
            throw new DataFormatException(
                $"{path} has the shape [{string.Join(", ", array.Shape)}] where [{labels.Shape[0]}, 32, 32, 3] is expected.");
        }

        var classes = labels.Data.Index().GroupBy(row => row.Item, row => row.Index).OrderBy(rows => rows.Key)
            .Select(rows => new ImageClass(ClassName(rows.Key, word, table, path), [.. rows]));
        var images = new ImageBuffer(array.Data, 3, Size, Size, PixelLayout.ChannelsLast);
        return new ImageClasses($"tiny-imagenet32/{split.ToString().ToLowerInvariant()}", images, classes);
    }

    private static string NameOf(string[] row) => $"{row[1]} {row[2].Split(',')[0]}";

    private static string ClassName(byte label, string word, string[][] table, string path) =>
        label < table.Length && table[label][5] == word
            ? NameOf(table[label])
            : throw new DataFormatException($"{path} has the label {label}, which classes.tsv does not list as one of {word}.");
}

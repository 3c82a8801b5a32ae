using System.IO.Compression;

namespace Deutero.Data;

/// <summary>Small real tables of the UCI repository, split into those for meta-training, validation and test.</summary>
/// <remarks>
/// <para>Half of the tables are for meta-training, a tenth for validation, the rest for the test, by lot. Tables of one origin (<c>heart.c</c> and <c>heart.statlog</c>,
/// <c>sick</c> and <c>hypothyroid</c>) are in one split, so that a test table is new.</para>
/// <para>The class is the last column, except in <c>wine</c> (the first) and <c>flags</c> (the religion). Columns of names are left out: those of more than 50
/// different texts, and what says in <c>vowel</c> who spoke and what was for training. Rows without a class are left out.</para>
/// </remarks>
public sealed class UciTables
{
    private const string File = "uci_classification_arff.zip";
    private const int MostCategories = 50;
    private const int MaximumEntryBytes = 1 << 22;

    private static readonly Dictionary<string, string> s_origins = new() { ["sick"] = "hypothyroid" };
    private static readonly string[] s_notInputs = ["Train or Test", "Speaker Number"];

    private UciTables(IReadOnlyList<ClassTable> tables)
    {
        var splits = new ClassFractions { Train = 0.5, Validation = 0.1 }.Assign("uci", [.. tables.Select(table => Origin(table.Name)).Distinct()]);
        ClassTable[] Of(Split split) => [.. tables.Where(table => splits[Origin(table.Name)] == split)];
        (Train, Validation, Test) = (Of(Split.Train), Of(Split.Validation), Of(Split.Test));
    }

    /// <summary>The tables for meta-training.</summary>
    public IReadOnlyList<ClassTable> Train { get; }

    /// <summary>The tables for validation.</summary>
    public IReadOnlyList<ClassTable> Validation { get; }

    /// <summary>The tables for the test.</summary>
    public IReadOnlyList<ClassTable> Test { get; }

    /// <summary>Opens the tables.</summary>
    /// <param name="dataFolder">The folder with <c>uci-arff/</c>, or <see langword="null"/> to look in the usual places.</param>
    /// <exception cref="DataNotFoundException">The file is in none of the places.</exception>
    /// <exception cref="DataFormatException">The file is damaged.</exception>
    public static UciTables Open(string? dataFolder = null)
    {
        var path = Path.Combine(DataLocation.Resolve(dataFolder).Find(DataSets.UciArff, [File]), File);
        try
        {
            using var archive = ZipFile.OpenRead(path);
            return new([.. archive.Entries.OrderBy(entry => entry.FullName, StringComparer.Ordinal).Select(entry => Read(entry, path))]);
        }
        catch (InvalidDataException fault)
        {
            throw new DataFormatException($"{path} is not a whole zip archive.", fault);
        }
    }

    /// <summary>A table from its text in Weka's attribute-relation file format.</summary>
    internal static ClassTable Read(TextReader reader, string file)
    {
        var (header, rows) = Arff.Read(reader, file);
        var name = Path.GetFileNameWithoutExtension(file);
        var label = name switch { "wine" => 0, "flags" => header.ToList().IndexOf("religion"), _ => header.Count - 1 };
        var columns = header.Index()
            .Where(column => column.Index != label && !s_notInputs.Contains(column.Item))
            .Select(column => (column.Index, Name: column.Item, Categories: CategoriesOf([.. rows.Select(row => row.Cells[column.Index])])))
            .Where(column => column.Categories is null || column.Categories.Length <= MostCategories).ToArray();
        float[] Numbers(TableRow row) => [.. columns.Select(column => Number(row.Cells[column.Index], column.Categories))];
        var classes = rows.Where(row => row.Cells[label] is not null).GroupBy(row => row.Cells[label]!, StringComparer.Ordinal).OrderBy(rows => rows.Key, StringComparer.Ordinal);
        return new(name, [.. columns.Select(column => column.Name)], [.. classes.Select(rows => (rows.Key, (IReadOnlyList<float[]>)[.. rows.Select(Numbers)]))]);
    }

    private static ClassTable Read(ZipArchiveEntry entry, string path)
    {
        if (entry.Length > MaximumEntryBytes)
        {
            throw new DataFormatException($"{path}: {entry.Name} has {entry.Length:N0} bytes, more than {MaximumEntryBytes:N0}.");
        }

        using var reader = new StreamReader(entry.Open());
        return Read(reader, entry.Name);
    }

    private static string Origin(string name) => s_origins.GetValueOrDefault(name) ?? name.Split('.')[0];

    // Null where all cells are numbers.
    private static string[]? CategoriesOf(string?[] cells) =>
        cells.All(cell => cell is null || Column.Number(cell) is not null) ? null : [.. cells.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static float Number(string? cell, string[]? categories) =>
        cell is null ? float.NaN : categories is null ? (float)Column.Number(cell)! : Array.IndexOf(categories, cell);
}

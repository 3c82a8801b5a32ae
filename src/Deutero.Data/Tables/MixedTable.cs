using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Deutero.Data;

/// <summary>The user's own table of numbers and categories, in CSV or ARFF, with a class for each row.</summary>
/// <remarks>A cell that is empty or <c>?</c> is missing. A column whose cells are all numbers is one feature; any other is a feature for each category.</remarks>
public static class MixedTable
{
    private const int MaximumFieldCharacters = 10_000;
    private static readonly string[] s_usualLabels = ["label", "class", "category", "target"];

    /// <summary>Reads a table and splits its classes.</summary>
    /// <param name="path">A <c>.csv</c> file with a header line, or an <c>.arff</c> file.</param>
    /// <param name="labelColumn">The column of the class; by default the one called label, class, category or target.</param>
    /// <param name="fractions">How classes are split, or <see langword="null"/> for the defaults.</param>
    /// <returns>Items <c>[features]</c>, standardised with the mean and deviation of the meta-training rows only; what is missing is the mean.</returns>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">The file is not such a table, or has too few classes or rows of a class.</exception>
    public static ClassData Open(string path, string? labelColumn = null, ClassFractions? fractions = null) =>
        CsvClasses.Split(Read(path, labelColumn), path, fractions) with { Name = $"table:{path}" };

    /// <summary>Reads a table.</summary>
    /// <param name="path">As for <see cref="Open"/>.</param>
    /// <param name="labelColumn">The column of the class; by default the one called label, class, category or target.</param>
    /// <returns>The table; a number that is missing is not a number.</returns>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">The file is not such a table; the message names row and column.</exception>
    public static Table Read(string path, string? labelColumn = null)
    {
        using var reader = Opened(path);
        return Read(reader, path, labelColumn);
    }

    /// <summary>Reads a table from text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">What messages call it; its ending says whether it is CSV or ARFF.</param>
    /// <param name="labelColumn">The column of the class; by default the one called label, class, category or target.</param>
    /// <exception cref="DataFormatException">The text is not such a table; the message names row and column.</exception>
    public static Table Read(TextReader reader, string name, string? labelColumn = null)
    {
        var (header, rows) = Content(reader, name);
        var label = LabelIndex(header, name, labelColumn);
        var columns = header.Index().Where(column => column.Index != label)
            .Select(column => (column.Index, Column: Column.Of(column.Item, [.. rows.Select(row => row.Cells[column.Index])], name))).ToArray();
        return new(
            [.. columns.SelectMany(column => column.Column.Features)],
            [.. rows.Select(row => columns.SelectMany(column => column.Column.Numbers(row.Cells[column.Index])).ToArray())],
            [.. rows.Select(row => row.Cells[label] ?? throw new DataFormatException($"{name}, row {row.Number}, column '{header[label]}' has no class."))])
        {
            Columns = [.. columns.Select(column => column.Column)],
        };
    }

    /// <summary>Reads the rows of a table as they stand there, for example to classify them.</summary>
    /// <param name="path">As for <see cref="Open"/>.</param>
    /// <param name="labelColumn">The column of the class; by default the one called label, class, category or target.</param>
    /// <returns>For each row its number in the file, the texts of its cells by column, null where one is missing, and its class, null where the table or the row has none.</returns>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">The file is not such a table; the message names row and column.</exception>
    public static IReadOnlyList<(int Number, IReadOnlyDictionary<string, string?> Cells, string? Label)> Rows(string path, string? labelColumn = null)
    {
        using var reader = Opened(path);
        var (header, rows) = Content(reader, path);
        var label = IndexOf(header, labelColumn);
        return [.. rows.Select(row => (
            row.Number, (IReadOnlyDictionary<string, string?>)header.Index().Where(column => column.Index != label).ToDictionary(column => column.Item, column => row.Cells[column.Index]),
            label < 0 ? null : row.Cells[label]))];
    }

    /// <summary>A cell's text; null for one that is missing.</summary>
    internal static string? Cell(string text) => text.Trim() is { Length: > 0 } cell && cell != "?" ? cell : null;

    private static StreamReader Opened(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new DataNotFoundException($"There is no file {path}: a table with a class for each row was expected, as .csv or .arff.");
        }

        if (file.Length > Table.MaximumFileBytes)
        {
            throw new DataFormatException($"{path} has {file.Length:N0} bytes, more than the {Table.MaximumFileBytes:N0} that are read.");
        }

        return file.OpenText();
    }

    private static (IReadOnlyList<string> Header, List<TableRow> Rows) Content(TextReader reader, string name)
    {
        var (header, rows) = Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".csv" => OfCsv(reader, name),
            ".arff" => Arff.Read(reader, name),
            var other => throw new DataFormatException($"{name} ends in '{other}' where .csv or .arff is expected."),
        };
        var twice = header.GroupBy(column => column, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        return twice is not null ? throw new DataFormatException($"{name} has two columns called '{twice.Key}'.")
            : rows.Count == 0 ? throw new DataFormatException($"{name} has columns and no rows.")
            : (header, rows);
    }

    private static (IReadOnlyList<string> Header, List<TableRow> Rows) OfCsv(TextReader reader, string name)
    {
        using var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            MaxFieldSize = MaximumFieldCharacters,
            BadDataFound = bad => throw new DataFormatException($"{name}, row {bad.Context.Parser?.Row} has a stray quotation mark."),
        });
        try
        {
            var header = parser.Read() ? parser.Record! : throw new DataFormatException($"{name} is empty: a header line was expected.");
            var rows = new List<TableRow>();
            while (parser.Read())
            {
                rows.Add(parser.Record!.Length == header.Length
                    ? new(parser.Row, Array.ConvertAll(parser.Record, Cell))
                    : throw new DataFormatException($"{name}, row {parser.Row} has {parser.Record.Length} cells where the header has {header.Length}."));
            }

            return (Array.ConvertAll(header, column => column.Trim()), rows);
        }
        catch (CsvHelperException fault)
        {
            throw new DataFormatException($"{name}, row {parser.Row} cannot be read: a cell has more than {MaximumFieldCharacters:N0} characters or is not closed.", fault);
        }
    }

    private static int LabelIndex(IReadOnlyList<string> header, string name, string? wanted)
    {
        if (header.Count < 2)
        {
            throw new DataFormatException($"{name} has {header.Count} column(s) where a class and at least one more are expected.");
        }

        return IndexOf(header, wanted) is var index and >= 0
            ? index
            : throw new DataFormatException($"{name} has no column {wanted ?? string.Join(" or ", s_usualLabels)} for the class: its columns are "
                + $"{string.Join(", ", header.Take(20))}{(header.Count > 20 ? ", ..." : "")}; name one as table:{Path.GetFileName(name)}#COLUMN.");
    }

    private static int IndexOf(IReadOnlyList<string> header, string? wanted) => header.Index().Where(column => wanted is null
        ? s_usualLabels.Contains(column.Item, StringComparer.OrdinalIgnoreCase)
        : column.Item.Equals(wanted, StringComparison.OrdinalIgnoreCase)).Select(column => column.Index).DefaultIfEmpty(-1).First();
}

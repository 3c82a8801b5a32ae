using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Deutero.Data;

/// <summary>A table of numbers with a label for each row, read from a CSV file.</summary>
/// <param name="Features">The names of the numeric columns, in the order of the file.</param>
/// <param name="Rows">The numbers of each row, as they stand in the file.</param>
/// <param name="Labels">The label of each row.</param>
public sealed record Table(IReadOnlyList<string> Features, IReadOnlyList<float[]> Rows, IReadOnlyList<string> Labels)
{
    /// <summary>The longest file that is read: 512 MiB.</summary>
    public const long MaximumFileBytes = 512L << 20;

    /// <summary>The columns behind the features, in order; null where each feature is a column of numbers.</summary>
    internal IReadOnlyList<Column>? Columns { get; init; }

    private const int MaximumColumns = 100_000;
    private const int MaximumFieldCharacters = 10_000;
    private static readonly string[] UsualLabels = ["label", "class", "category", "target"];

    /// <summary>Reads a comma-separated file with a header line. Every column but the label must be numeric, every cell filled.</summary>
    /// <param name="path">The file.</param>
    /// <param name="labelColumn">The column of the label; by default the one called label, class, category or target.</param>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">The file is not such a table; the message names row and column.</exception>
    public static Table Read(string path, string? labelColumn = null)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new DataNotFoundException($"There is no file {path}: a CSV with a header line and a label column was expected.");
        }

        if (file.Length > MaximumFileBytes)
        {
            throw new DataFormatException($"{path} has {file.Length:N0} bytes, more than the {MaximumFileBytes:N0} that are read.");
        }

        using var reader = file.OpenText();
        return Read(reader, path, labelColumn);
    }

    /// <summary>Reads comma-separated text with a header line.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="labelColumn">The column of the label; by default the one called label, class, category or target.</param>
    /// <exception cref="DataFormatException">The text is not such a table; the message names row and column.</exception>
    public static Table Read(TextReader reader, string name, string? labelColumn = null)
    {
        using var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            MaxFieldSize = MaximumFieldCharacters,
            BadDataFound = bad => throw new DataFormatException($"{name}, row {bad.Context.Parser?.Row} has a stray quotation mark."),
        });
        var header = NextRow(parser, name) ?? throw new DataFormatException($"{name} is empty: a header line was expected.");
        var label = LabelIndex(header, name, labelColumn);
        var (rows, labels) = (new List<float[]>(), new List<string>());
        while (NextRow(parser, name) is { } cells)
        {
            if (cells.Length != header.Length)
            {
                throw new DataFormatException($"{name}, row {parser.Row} has {cells.Length} cells where the header has {header.Length}.");
            }

            labels.Add(cells[label].Trim() is { Length: > 0 } text
                ? text
                : throw new DataFormatException($"{name}, row {parser.Row}, column '{header[label]}' has no label."));
            rows.Add(Numbers(cells, header, label, parser.Row, name));
        }

        return rows.Count > 0
            ? new Table([.. header.Where((_, column) => column != label)], rows, labels)
            : throw new DataFormatException($"{name} has a header line and no rows.");
    }

    private static string[]? NextRow(CsvParser parser, string name)
    {
        try
        {
            return parser.Read() ? parser.Record : null;
        }
        catch (CsvHelperException fault)
        {
            throw new DataFormatException(
                $"{name}, row {parser.Row} cannot be read: a cell has more than {MaximumFieldCharacters:N0} "
                + $"characters or is not closed.", fault);
        }
    }

    private static int LabelIndex(string[] header, string name, string? wanted)
    {
        var twice = header.GroupBy(column => column, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null || header.Length is < 2 or > MaximumColumns)
        {
            throw new DataFormatException(twice is not null
                ? $"{name} has two columns called '{twice.Key}'."
                : $"{name} has {header.Length} column(s) where a label and 1 to {MaximumColumns:N0} numeric columns are expected.");
        }

        var index = Array.FindIndex(header, column => wanted is null
            ? UsualLabels.Contains(column.Trim(), StringComparer.OrdinalIgnoreCase)
            : column.Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase));
        return index >= 0
            ? index
            : throw new DataFormatException($"{name} has no column {wanted ?? string.Join(" or ", UsualLabels)}: "
                + $"its columns are {string.Join(", ", header.Take(20))}{(header.Length > 20 ? ", ..." : "")}.");
    }

    private static float[] Numbers(string[] cells, string[] header, int label, int row, string name)
    {
        var numbers = new float[cells.Length - 1];
        for (int column = 0, i = 0; column < cells.Length; column++)
        {
            if (column == label)
            {
                continue;
            }

            numbers[i++] = Column.Number(cells[column]) is { } number
                ? (float)number
                : throw new DataFormatException(
                    $"{name}, row {row}, column '{header[column]}': '{Shortened(cells[column])}' is not a finite number.");
        }

        return numbers;
    }

    private static string Shortened(string cell) => cell.Length <= 40 ? cell : cell[..40] + "...";
}

using System.Globalization;
using System.Text;

namespace Deutero.Cli.Terminal;

/// <summary>A table in plain text: aligned columns, numbers to the right, no lines to draw and no colours.</summary>
public sealed record TextTable
{
    private const string Gap = "  ";

    /// <summary>The headings; as many as every row has cells.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The rows, from the top; a short row is filled up with empty cells.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Rows { get; init; }

    /// <summary>Spaces before each line, 0 or more.</summary>
    public int Indent { get; init; }

    /// <summary>Renders the table.</summary>
    /// <returns>The heading, a rule and the rows, each line ended with a line feed and without blanks at its end.</returns>
    /// <exception cref="ArgumentException">A row has more cells than there are columns.</exception>
    public string Render()
    {
        var cells = Rows.Select(Filled).Prepend([.. Columns.Select(Clean)]).ToArray();
        var widths = Enumerable.Range(0, Columns.Count).Select(column => cells.Max(row => Width(row[column]))).ToArray();
        var right = Enumerable.Range(0, Columns.Count).Select(column => Numbers.AreAll(Rows, column)).ToArray();
        var text = new StringBuilder();
        Line(text, cells[0], widths, right);
        Line(text, [.. widths.Select(width => new string('-', width))], widths, right);
        foreach (var row in cells.Skip(1))
        {
            Line(text, row, widths, right);
        }

        return text.ToString();
    }

    private string[] Filled(IReadOnlyList<string> row) => row.Count <= Columns.Count
        ? [.. row.Select(Clean), .. Enumerable.Repeat("", Columns.Count - row.Count)]
        : throw new ArgumentException($"A row has {row.Count} cells, but the table has {Columns.Count} columns.");

    private void Line(StringBuilder text, string[] row, int[] widths, bool[] right)
    {
        var line = new StringBuilder().Append(' ', Indent);
        for (var column = 0; column < row.Length; column++)
        {
            var blanks = widths[column] - Width(row[column]);
            line.Append(column > 0 ? Gap : "").Append(' ', right[column] ? blanks : 0).Append(row[column]).Append(' ', right[column] ? 0 : blanks);
        }

        text.Append(line.ToString().TrimEnd()).Append('\n');
    }

    // A cell may hold a class name of a user's data set: it must not break the table, nor command the terminal.
    private static string Clean(string cell) =>
        string.Concat(cell.EnumerateRunes().Select(rune => Rune.IsControl(rune) ? new Rune(' ') : rune));

    private static int Width(string cell) => cell.EnumerateRunes().Count(rune => Rune.GetUnicodeCategory(rune) is not UnicodeCategory.NonSpacingMark);
}

using System.Globalization;

namespace Deutero.Cli.Terminal;

/// <summary>Tells cells that are numbers from those that are words.</summary>
internal static class Numbers
{
    /// <summary>Whether a cell looks like a number: <c>12</c>, <c>1,024</c>, <c>98.7%</c>, <c>0.42 ± 0.01</c>, <c>1e-3</c>, <c>-</c>.</summary>
    /// <param name="cell">The cell.</param>
    public static bool Look(string cell) =>
        cell is "-" or "–" || cell.Split('±').All(part => IsNumber(part.Trim().TrimEnd('%', ' ')));

    /// <summary>Whether a column has cells, and all that are filled look like numbers.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="column">The column, from 0.</param>
    public static bool AreAll(IEnumerable<IReadOnlyList<string>> rows, int column)
    {
        var filled = rows.Where(row => column < row.Count && row[column].Length > 0).Select(row => row[column]).ToArray();
        return filled.Length > 0 && filled.All(Look);
    }

    private static bool IsNumber(string part) =>
        double.TryParse(part, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);
}

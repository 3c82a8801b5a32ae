using System.Globalization;

namespace Deutero.Data;

/// <summary>A column of a table, and how a cell of it becomes numbers: its own, or a 1 at the place of its category, standardised.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Categories">The categories, in order; null for a column of numbers.</param>
/// <param name="Mean">What is taken off: one number, or one for each category.</param>
/// <param name="Scale">What is multiplied by then, as many; 0 for what was the same in all meta-training rows.</param>
public sealed record TableColumn(string Name, IReadOnlyList<string>? Categories, IReadOnlyList<double> Mean, IReadOnlyList<double> Scale)
{
    internal Column Cells { get; } = new(Name, Categories);

    /// <summary>How it is asked for in messages: its name, and what is expected there.</summary>
    internal string Expected => Categories is null ? "a number" : $"one of {string.Join(", ", Categories.Take(10))}{(Categories.Count > 10 ? ", ..." : "")}";

    /// <summary>The features of a cell before they are standardised.</summary>
    /// <param name="cell">A number, a text, or null where it is missing.</param>
    /// <param name="row">What messages call the row.</param>
    /// <exception cref="ArgumentException">It is of the wrong type.</exception>
    internal IEnumerable<float> Numbers(object? cell, string row) => (cell, Categories) switch
    {
        (null, _) => Cells.Numbers(null),
        (string text, not null) => Cells.Numbers(MixedTable.Cell(text)),
        (not string, null) when Number(cell) is { } number => [number],
        _ => throw new ArgumentException($"{row} has {Shown(cell)} in column '{Name}', but {Expected} is expected."),
    };

    /// <summary>A cell of a file: a number where the column is one of numbers and the text is one.</summary>
    internal object? Typed(string? cell) => cell is not null && Categories is null && Column.Number(cell) is { } number ? number : cell;

    private static float? Number(object cell) =>
        cell is float or double or decimal or byte or sbyte or short or ushort or int or uint or long or ulong
        && (float)Convert.ToDouble(cell, CultureInfo.InvariantCulture) is var number && float.IsFinite(number) ? number : null;

    private static string Shown(object? cell) => cell is string text ? $"the text '{(text.Length <= 40 ? text : text[..40] + "...")}'"
        : string.Create(CultureInfo.InvariantCulture, $"{(cell is bool ? "" : "the number ")}{cell}");
}

using System.Globalization;

namespace Deutero.Data;

/// <summary>A column of a table as numbers: its own, or a 1 at the place of its category.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Categories">The categories, in order; null for a column of numbers.</param>
internal sealed record Column(string Name, IReadOnlyList<string>? Categories)
{
    private const int MostCategories = 100;

    /// <summary>The features that it gives.</summary>
    internal IEnumerable<string> Features => Categories is null ? [Name] : Categories.Select(category => $"{Name}={category}");

    /// <summary>How many features it gives.</summary>
    internal int Width => Categories?.Count ?? 1;

    /// <summary>Finds out what a column is: numbers where all its cells are, categories otherwise.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cells">Its cells; null where one is missing.</param>
    /// <param name="source">What messages call the table.</param>
    /// <exception cref="DataFormatException">It has more texts than categories can be.</exception>
    internal static Column Of(string name, IReadOnlyCollection<string?> cells, string source)
    {
        if (cells.All(cell => cell is null || Number(cell) is not null))
        {
            return new(name, null);
        }

        string[] categories = [.. cells.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return categories.Length <= MostCategories && (categories.Length < cells.Count || cells.Count < 10)
            ? new(name, categories)
            : throw new DataFormatException(
                $"{source}, column '{name}' has {categories.Length} different texts in {cells.Count} rows, where numbers or at most {MostCategories} categories are expected: "
                + "leave it out of the file.");
    }

    /// <summary>The features of a cell; not a number where a number is missing, zeros where a category is.</summary>
    /// <param name="cell">The cell; null where it is missing.</param>
    internal IEnumerable<float> Numbers(string? cell) =>
        Categories is null
            ? [cell is null ? float.NaN : (float)Number(cell)!]
            : Categories.Select(category => category == cell ? 1f : 0f);

    /// <summary>The number that a cell is; null where it is none, or not finite as a float32.</summary>
    internal static double? Number(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite((float)number) ? number : null;
}

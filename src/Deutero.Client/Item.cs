using System.Globalization;
using System.Text.Json.Serialization;

namespace Deutero.Client;

/// <summary>
/// One input of a model: an image file, numbers, a text, or a row of a table. In JSON a base64 string, an array of numbers, <c>{"text": "..."}</c>, or
/// <c>{"row": {"column": 1.5, "other column": "text"}}</c>.
/// </summary>
[JsonConverter(typeof(ItemConverter))]
public sealed record Item
{
    private Item()
    {
    }

    /// <summary>A whole PNG or JPEG file; null where the item is something else.</summary>
    public byte[]? Image { get; private init; }

    /// <summary>The numbers, row-major, channels first, as the model's contract says; null where the item is something else.</summary>
    public float[]? Values { get; private init; }

    /// <summary>The text; null where the item is something else.</summary>
    public string? Text { get; private init; }

    /// <summary>The cells of a row by column, in order of the columns' names: each a <see cref="double"/>, a <see cref="string"/>, or null where it is missing; null where the item is something else.</summary>
    public IReadOnlyDictionary<string, object?>? Cells { get; private init; }

    /// <summary>An image file.</summary>
    /// <param name="file">A whole PNG or JPEG file.</param>
    public static Item Of(byte[] file) => new() { Image = file };

    /// <summary>Numbers.</summary>
    /// <param name="values">The numbers, row-major, channels first.</param>
    public static Item Of(float[] values) => new() { Values = values };

    /// <summary>A text.</summary>
    /// <param name="text">The text.</param>
    public static Item Of(string text) => new() { Text = text };

    /// <summary>A row of a table.</summary>
    /// <param name="cells">The cells by column: numbers, texts, or null where one is missing, which is the same as leaving it out.</param>
    /// <exception cref="ArgumentException">A cell is something else, or a column is there twice.</exception>
    public static Item Row(IEnumerable<KeyValuePair<string, object?>> cells)
    {
        var sorted = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (column, cell) in cells)
        {
            sorted.Add(column, cell switch
            {
                null or string or double => cell,
                float or decimal or byte or sbyte or short or ushort or int or uint or long or ulong => Convert.ToDouble(cell, CultureInfo.InvariantCulture),
                _ => throw new ArgumentException($"Column '{column}' has a {cell.GetType().Name}; a number, a string or null was expected."),
            });
        }

        return new() { Cells = sorted };
    }

    /// <summary>A row of a table.</summary>
    /// <param name="cells">The cells by column: numbers, texts, or null where one is missing.</param>
    /// <exception cref="ArgumentException">A cell is something else, or a column is there twice.</exception>
    public static Item Row(params (string Column, object? Cell)[] cells) => Row(cells.Select(cell => KeyValuePair.Create(cell.Column, cell.Cell)));
}

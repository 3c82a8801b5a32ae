using System.Text.Json.Serialization;

namespace Deutero.Client;

/// <summary>One input of a model: an image file, or numbers. In JSON a base64 string, or an array of numbers.</summary>
[JsonConverter(typeof(ItemConverter))]
public sealed record Item
{
    private Item(byte[]? image, float[]? values) => (Image, Values) = (image, values);

    /// <summary>A whole PNG or JPEG file; null where the item is numbers.</summary>
    public byte[]? Image { get; }

    /// <summary>The numbers, row-major, channels first, as the model's contract says; null where the item is an image.</summary>
    public float[]? Values { get; }

    /// <summary>An image file.</summary>
    /// <param name="file">A whole PNG or JPEG file.</param>
    public static Item Of(byte[] file) => new(file, null);

    /// <summary>Numbers.</summary>
    /// <param name="values">The numbers, row-major, channels first.</param>
    public static Item Of(float[] values) => new(null, values);
}

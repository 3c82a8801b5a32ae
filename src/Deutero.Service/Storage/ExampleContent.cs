using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Deutero.Client;

namespace Deutero.Service.Storage;

/// <summary>
/// What is kept of an example. An image or numbers are kept as the model's numbers; a text or a row as it was given, because what it becomes depends on the
/// model, which may be replaced under its name.
/// </summary>
/// <remarks>
/// Numbers are little-endian float32, as every machine that libtorch runs on is. Texts and rows are JSON with a space after it where the number of bytes would
/// be a multiple of four, which is how the two are told apart.
/// </remarks>
internal sealed record ExampleContent(byte[] Bytes, string Hash)
{
    private static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text or the row; null where numbers are kept.</summary>
    internal Item? Said => Bytes.Length % sizeof(float) == 0 ? null : JsonSerializer.Deserialize<Item>(Bytes);

    /// <summary>The numbers, where those are kept.</summary>
    internal float[] Values => MemoryMarshal.Cast<byte, float>(Bytes).ToArray();

    internal static ExampleContent Of(Item item, float[] values) => item.Text is null && item.Cells is null
        ? new(MemoryMarshal.AsBytes<float>(values).ToArray(), HashOf(values))
        : new(Padded(Json(writer => JsonSerializer.Serialize(writer, item))), HashOf(item.Text is { } text ? Encoding.UTF8.GetBytes(text) : Json(writer => WriteRow(writer, item))));

    internal static string HashOf(float[] values) => HashOf(MemoryMarshal.AsBytes<float>(values));

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // A missing cell is the same whether it is null or left out.
    private static void WriteRow(Utf8JsonWriter writer, Item item)
    {
        writer.WriteStartObject();
        foreach (var (column, cell) in item.Cells!.Where(cell => cell.Value is not null))
        {
            writer.WritePropertyName(column);
            if (cell is double number)
            {
                writer.WriteNumberValue(number);
            }
            else
            {
                writer.WriteStringValue((string?)cell);
            }
        }

        writer.WriteEndObject();
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, s_readable))
        {
            write(writer);
        }

        return stream.ToArray();
    }

    private static byte[] Padded(byte[] json) => json.Length % sizeof(float) == 0 ? [.. json, (byte)' '] : json;
}

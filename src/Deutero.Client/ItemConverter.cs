using System.Text.Json;
using System.Text.Json.Serialization;

namespace Deutero.Client;

/// <summary>Reads and writes an <see cref="Item"/>.</summary>
internal sealed class ItemConverter : JsonConverter<Item>
{
    public override Item Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.TryGetBytesFromBase64(out var file) ? Item.Of(file) : throw new JsonException("an image must be base64 text");
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("an item must be a base64 image or an array of numbers");
        }

        var values = new List<float>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            values.Add(reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out var value)
                ? value
                : throw new JsonException("an item must hold nothing but numbers"));
        }

        return Item.Of([.. values]);
    }

    public override void Write(Utf8JsonWriter writer, Item value, JsonSerializerOptions options)
    {
        if (value.Image is { } file)
        {
            writer.WriteBase64StringValue(file);
            return;
        }

        writer.WriteStartArray();
        foreach (var number in value.Values!)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }
}

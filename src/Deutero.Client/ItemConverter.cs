using System.Text.Json;
using System.Text.Json.Serialization;

namespace Deutero.Client;

/// <summary>Reads and writes an <see cref="Item"/>.</summary>
internal sealed class ItemConverter : JsonConverter<Item>
{
    public override Item Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => reader.TryGetBytesFromBase64(out var file) ? Item.Of(file) : throw new JsonException("an image must be base64 text"),
        JsonTokenType.StartArray => Numbers(ref reader),
        JsonTokenType.StartObject => Named(ref reader),
        _ => throw new JsonException("an item must be a base64 image, an array of numbers, {\"text\": ...} or {\"row\": {...}}"),
    };

    public override void Write(Utf8JsonWriter writer, Item value, JsonSerializerOptions options)
    {
        if (value.Image is { } file)
        {
            writer.WriteBase64StringValue(file);
        }
        else if (value.Values is { } numbers)
        {
            writer.WriteStartArray();
            foreach (var number in numbers)
            {
                writer.WriteNumberValue(number);
            }

            writer.WriteEndArray();
        }
        else
        {
            writer.WriteStartObject();
            WriteNamed(writer, value);
            writer.WriteEndObject();
        }
    }

    private static Item Numbers(ref Utf8JsonReader reader)
    {
        var values = new List<float>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            values.Add(reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out var value)
                ? value
                : throw new JsonException("an item must hold nothing but numbers"));
        }

        return Item.Of([.. values]);
    }

    private static Item Named(ref Utf8JsonReader reader)
    {
        reader.Read();
        Item item;
        if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("text"))
        {
            reader.Read();
            item = reader.TokenType == JsonTokenType.String ? Item.Of(reader.GetString()!) : throw new JsonException("text must be a string");
        }
        else if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("row"))
        {
            reader.Read();
            item = Row(ref reader);
        }
        else
        {
            throw new JsonException("an item that is an object must have 'text' or 'row'");
        }

        reader.Read();
        return reader.TokenType == JsonTokenType.EndObject ? item : throw new JsonException("an item that is an object must have nothing but one of 'text' and 'row'");
    }

    private static Item Row(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("row must be an object with the cells by column");
        }

        var cells = new Dictionary<string, object?>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var column = reader.GetString()!;
            reader.Read();
            object? cell = reader.TokenType switch
            {
                JsonTokenType.Number when reader.TryGetDouble(out var number) => number,
                JsonTokenType.String => reader.GetString(),
                JsonTokenType.Null => null,
                _ => throw new JsonException("a cell of a row must be a number, a string or null"),
            };
            if (!cells.TryAdd(column, cell))
            {
                throw new JsonException("a row has a column twice");
            }
        }

        return Item.Row(cells);
    }

    private static void WriteNamed(Utf8JsonWriter writer, Item value)
    {
        if (value.Cells is not { } cells)
        {
            writer.WriteString("text", value.Text);
            return;
        }

        writer.WriteStartObject("row");
        foreach (var (column, cell) in cells)
        {
            if (cell is double number)
            {
                writer.WriteNumber(column, number);
            }
            else
            {
                writer.WriteString(column, (string?)cell); // null writes null
            }
        }

        writer.WriteEndObject();
    }
}

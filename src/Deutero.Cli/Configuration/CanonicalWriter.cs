using System.Buffers;
using System.Collections;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Deutero.Cli.Configuration;

/// <summary>Writes a record so that equal records give equal bytes.</summary>
internal static class CanonicalWriter
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",

        // Names and paths stay readable; what is embedded in a page is escaped there.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes every key of a record, in order of declaration, but for those of <see cref="OmittedAtDefaultAttribute"/> at their default.</summary>
    /// <param name="record">The record.</param>
    /// <param name="shapes">The keys of the records.</param>
    /// <returns>UTF-8, without byte order mark, with line feeds.</returns>
    public static ReadOnlyMemory<byte> Write(object record, ShapeCatalog shapes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            Object(writer, record, type: null, shapes);
        }

        return buffer.WrittenMemory;
    }

    private static void Object(Utf8JsonWriter writer, object record, string? type, ShapeCatalog shapes)
    {
        writer.WriteStartObject();
        if (type is not null)
        {
            writer.WriteString(ShapeCatalog.TypeKey, type);
        }

        foreach (var key in shapes.Of(record.GetType()).Keys.Where(key => !IsOmitted(key.Property, record)))
        {
            writer.WritePropertyName(key.Name);
            Value(writer, key.Property.GetValue(record), key.Value, shapes);
        }

        writer.WriteEndObject();
    }

    private static bool IsOmitted(PropertyInfo property, object record) =>
        property.IsDefined(typeof(OmittedAtDefaultAttribute)) && Equals(property.GetValue(record), property.GetValue(Activator.CreateInstance(record.GetType())));

    private static void Value(Utf8JsonWriter writer, object? value, ValueShape shape, ShapeCatalog shapes)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case Enum:
                writer.WriteStringValue(Spelling.Name(value.ToString()!));
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case IEnumerable items when shape.Kind == ValueKind.List:
                List(writer, items, shape.Element!, shapes);
                break;
            case double or float or int or long or uint or ulong:
                Number(writer, value);
                break;
            default:
                Object(writer, value, shape.Kind == ValueKind.Slot ? Spelling.Name(value.GetType().Name) : null, shapes);
                break;
        }
    }

    // The writer's digits are the fewest that read back as the same number, for both widths.
    private static void Number(Utf8JsonWriter writer, object number)
    {
        switch (number)
        {
            case double d when double.IsFinite(d):
                writer.WriteNumberValue(d);
                break;
            case float f when float.IsFinite(f):
                writer.WriteNumberValue(f);
                break;
            case double or float:
                writer.WriteStringValue(NotFinite(Convert.ToDouble(number)));
                break;
            case ulong u:
                writer.WriteNumberValue(u);
                break;
            default:
                writer.WriteNumberValue(Convert.ToInt64(number));
                break;
        }
    }

    private static string NotFinite(double number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    private static void List(Utf8JsonWriter writer, IEnumerable items, ValueShape element, ShapeCatalog shapes)
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            Value(writer, item, element, shapes);
        }

        writer.WriteEndArray();
    }
}

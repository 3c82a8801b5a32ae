using System.Globalization;
using System.Text;

namespace Deutero.Torch.Serialization;

// Writes the JSON of a header with the reference implementation's spacing and escapes, so that equal content has equal bytes there
// and here; the escaping of System.Text.Json differs.
internal static class SafetensorsJsonWriter
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] Write(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        var json = new StringBuilder("{");
        if (metadata.Count > 0)
        {
            AppendMetadata(json, metadata);
        }

        foreach (var entry in entries)
        {
            AppendEntry(json, entry);
        }

        json.Append('}');
        try
        {
            return Strict.GetBytes(json.ToString());
        }
        catch (EncoderFallbackException e)
        {
            throw new SafetensorsException("A name or metadata text has half of a surrogate pair; expected valid Unicode.", e);
        }
    }

    private static void AppendMetadata(StringBuilder json, IReadOnlyDictionary<string, string> metadata)
    {
        AppendString(json, SafetensorsJsonReader.MetadataKey).Append(":{");
        var first = true;
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.Append(first ? "" : ",");
            AppendString(json, key).Append(':');
            AppendString(json, value);
            first = false;
        }

        json.Append('}');
    }

    private static void AppendEntry(StringBuilder json, SafetensorsEntry entry)
    {
        json.Append(json.Length > 1 ? "," : "");
        AppendString(json, entry.Name).Append(":{\"dtype\":");
        AppendString(json, entry.DType)
            .Append(",\"shape\":[").AppendJoin(',', entry.Shape)
            .Append(CultureInfo.InvariantCulture, $"],\"data_offsets\":[{entry.Begin},{entry.End}]}}");
    }

    private static StringBuilder AppendString(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        return json.Append('"');
    }
}

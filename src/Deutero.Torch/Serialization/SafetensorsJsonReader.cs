using System.Text;
using System.Text.Json;

namespace Deutero.Torch.Serialization;

// Reads the JSON of a header token by token. A document model would keep the last of two equal keys in silence, and would build
// whatever nesting a hostile file asks for; here a token that the format has no place for is refused where it stands.
internal ref struct SafetensorsJsonReader
{
    public const string MetadataKey = "__metadata__";

    private const string Fields = "dtype, shape and data_offsets";

    private Utf8JsonReader _reader;

    public SafetensorsJsonReader(ReadOnlySpan<byte> json) => _reader = new Utf8JsonReader(json);

    public (List<SafetensorsEntry> Entries, Dictionary<string, string>? Metadata) ReadHeader()
    {
        try
        {
            return ReadRoot();
        }
        catch (JsonException e)
        {
            throw new SafetensorsException($"The header is not valid JSON near its byte {_reader.BytesConsumed}.", e);
        }
    }

    private (List<SafetensorsEntry> Entries, Dictionary<string, string>? Metadata) ReadRoot()
    {
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        Dictionary<string, string>? metadata = null;
        Next(JsonTokenType.StartObject, "the header");
        while (NextKey("the header") is { } name)
        {
            if (!names.Add(name))
            {
                throw new SafetensorsException($"The header has the key {SafetensorsException.Quote(name)} twice; expected once.");
            }

            if (name == MetadataKey)
            {
                metadata = ReadMetadata();
            }
            else
            {
                entries.Add(ReadEntry(name));
            }
        }

        // Beyond the object there is nothing; anything else makes the reader throw.
        _reader.Read();
        return (entries, metadata);
    }

    private Dictionary<string, string> ReadMetadata()
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        Next(JsonTokenType.StartObject, MetadataKey);
        while (NextKey(MetadataKey) is { } key)
        {
            if (!metadata.TryAdd(key, NextString($"{MetadataKey}, key {SafetensorsException.Quote(key)}")))
            {
                throw new SafetensorsException($"{MetadataKey} has the key {SafetensorsException.Quote(key)} twice; expected once.");
            }
        }

        return metadata;
    }

    private SafetensorsEntry ReadEntry(string name)
    {
        var subject = $"tensor {SafetensorsException.Quote(name)}";
        string? dType = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        Next(JsonTokenType.StartObject, subject);
        while (NextKey(subject) is { } field)
        {
            switch (field)
            {
                case "dtype" when dType is null:
                    dType = NextString($"dtype of {subject}");
                    break;
                case "shape" when shape is null:
                    shape = NextNumbers($"shape of {subject}");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = NextNumbers($"data_offsets of {subject}");
                    break;
                default:
                    throw UnexpectedField(subject, field);
            }
        }

        return Entry(name, subject, dType, shape, offsets);
    }

    private static SafetensorsEntry Entry(string name, string subject, string? dType, List<long>? shape, List<long>? offsets)
    {
        if (dType is null || shape is null || offsets is null)
        {
            var missing = dType is null ? "dtype" : shape is null ? "shape" : "data_offsets";
            throw new SafetensorsException($"In the header, {subject} has no {missing}; expected {Fields}.");
        }

        return offsets.Count == 2
            ? new SafetensorsEntry(name, dType, shape.ToArray(), offsets[0], offsets[1])
            : throw new SafetensorsException($"In the header, data_offsets of {subject} has {offsets.Count} numbers; expected 2.");
    }

    private static SafetensorsException UnexpectedField(string subject, string field) => new(
        field is "dtype" or "shape" or "data_offsets"
            ? $"In the header, {subject} has the field '{field}' twice; expected once."
            : $"In the header, {subject} has the unknown field {SafetensorsException.Quote(field)}; expected {Fields}.");

    private List<long> NextNumbers(string subject)
    {
        var numbers = new List<long>();
        Next(JsonTokenType.StartArray, subject);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            numbers.Add(Number(subject));
        }

        return numbers;
    }

    private readonly long Number(string subject)
    {
        if (_reader.TokenType == JsonTokenType.Number && _reader.ValueSpan[0] != (byte)'-' && _reader.TryGetInt64(out var number))
        {
            return number;
        }

        throw new SafetensorsException($"In the header, {subject} holds {Found()}; expected a whole number from 0 to {long.MaxValue}.");
    }

    private string NextString(string subject)
    {
        Next(JsonTokenType.String, subject);
        return Text();
    }

    // The next key of the object being read, or null at its end.
    private string? NextKey(string subject)
    {
        _reader.Read();
        return _reader.TokenType == JsonTokenType.PropertyName ? Text()
            : _reader.TokenType == JsonTokenType.EndObject ? null
            : throw new SafetensorsException($"In the header, {subject} holds {Found()}; expected a key.");
    }

    private void Next(JsonTokenType expected, string subject)
    {
        _reader.Read();
        if (_reader.TokenType != expected)
        {
            throw new SafetensorsException($"In the header, {subject} is {Found()}; expected {Describe(expected)}.");
        }
    }

    private readonly string Text()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // The bytes are known to be UTF-8, so what cannot be decoded is an escaped half of a surrogate pair.
            throw new SafetensorsException("The header has a string with half of a surrogate pair; expected valid Unicode.", e);
        }
    }

    private readonly string Found() => _reader.TokenType == JsonTokenType.Number
        ? $"the number {SafetensorsException.Quote(Encoding.ASCII.GetString(_reader.ValueSpan))}"
        : Describe(_reader.TokenType);

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        _ => token.ToString(),
    };
}

using System.Text;
using System.Text.Json;

namespace Deutero.Cli.Configuration;

/// <summary>Reads JSON (with comments and trailing commas) into values that know their lines.</summary>
internal ref struct SourceReader
{
    /// <summary>No configuration is nested deeper; without a bound, a file of brackets would overflow the stack.</summary>
    public const int Deepest = 64;

    private readonly ReadOnlySpan<byte> _utf8;
    private readonly string _source;
    private readonly bool _lines;
    private readonly Problems _problems;
    private readonly List<string> _path = [];
    private Utf8JsonReader _reader;
    private int _line = 1;
    private int _counted;

    private SourceReader(ReadOnlySpan<byte> utf8, string source, bool lines, Problems problems)
    {
        _utf8 = utf8;
        _source = source;
        _lines = lines;
        _problems = problems;
        _reader = new Utf8JsonReader(utf8, new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = Deepest,
        });
    }

    /// <summary>Reads a file's contents.</summary>
    /// <param name="utf8">The contents, UTF-8 with or without byte order mark.</param>
    /// <param name="source">The file's name, for messages.</param>
    /// <param name="problems">Gets keys that are given twice, or the reason why it is no JSON.</param>
    /// <returns>The value, or null where it is no JSON.</returns>
    public static SourceValue? File(ReadOnlySpan<byte> utf8, string source, Problems problems)
    {
        var contents = utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
        return new SourceReader(contents, source, lines: true, problems).Read();
    }

    /// <summary>Reads the value of an argument.</summary>
    /// <param name="text">The text after the equals sign.</param>
    /// <param name="origin">The argument.</param>
    /// <param name="problems">Gets keys that are given twice, or the reason why it is no JSON.</param>
    /// <returns>The value, or null where it is no JSON.</returns>
    public static SourceValue? Argument(string text, Origin origin, Problems problems) =>
        new SourceReader(Encoding.UTF8.GetBytes(text), origin.Source, lines: false, problems).Read();

    private SourceValue? Read()
    {
        try
        {
            _reader.Read();
            var value = Value();
            while (_reader.Read())
            {
            }

            return value;
        }
        catch (JsonException malformed)
        {
            _problems.Add($"{Place(malformed)} is not JSON: {Reason(malformed)}");
        }
        catch (InvalidOperationException)
        {
            // The only such case: text that is no Unicode (a broken UTF-8 sequence, half of a surrogate pair).
            _problems.Add("a text is not valid Unicode", Here());
        }

        return null;
    }

    private SourceValue Value() => _reader.TokenType switch
    {
        JsonTokenType.StartObject => Object(),
        JsonTokenType.StartArray => List(),
        JsonTokenType.String => Scalar(SourceKind.Text, _reader.GetString()!),
        JsonTokenType.Number => Scalar(SourceKind.Number, Encoding.ASCII.GetString(_reader.ValueSpan)),
        JsonTokenType.True => Scalar(SourceKind.Boolean, "true"),
        JsonTokenType.False => Scalar(SourceKind.Boolean, "false"),
        _ => Scalar(SourceKind.Null, "null"),
    };

    private SourceValue Scalar(SourceKind kind, string text) => new() { Kind = kind, Origin = Here(), Text = text };

    private SourceValue Object()
    {
        var value = new SourceValue { Kind = SourceKind.Object, Origin = Here() };
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var key = _reader.GetString()!;
            var keyAt = Here();
            _path.Add(Spelling.Shortened(key));
            _reader.Read();
            if (!value.Members.TryAdd(key, Value()))
            {
                _problems.Add($"{string.Join('.', _path)} is given twice; the first is {value.Members[key].Origin}", keyAt);
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return value;
    }

    private SourceValue List()
    {
        var value = new SourceValue { Kind = SourceKind.List, Origin = Here() };
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            value.Items.Add(Value());
        }

        return value;
    }

    private Origin Here()
    {
        if (!_lines)
        {
            return new Origin(_source, 0);
        }

        var at = (int)_reader.TokenStartIndex;
        _line += _utf8[_counted..at].Count((byte)'\n');
        _counted = at;
        return new Origin(_source, _line);
    }

    private readonly string Place(JsonException malformed)
    {
        var line = (int)(malformed.LineNumber ?? 0);
        var start = 0;
        for (var skipped = 0; skipped < line; skipped++)
        {
            start += _utf8[start..].IndexOf((byte)'\n') + 1;
        }

        var bytes = Math.Min((int)(malformed.BytePositionInLine ?? 0), _utf8.Length - start);
        var column = Encoding.UTF8.GetCharCount(_utf8.Slice(start, bytes)) + 1;
        return _lines ? $"{_source} line {line + 1}, column {column}" : _source;
    }

    private static string Reason(JsonException malformed)
    {
        var end = malformed.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return Spelling.Printable(end < 0 ? malformed.Message : malformed.Message[..end]);
    }
}

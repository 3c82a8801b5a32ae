using System.Globalization;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;

namespace Deutero.Data;

/// <summary>The user's own texts: a file of texts and their classes, separated by tabs or commas or in lines of JSON.</summary>
public static class TextFile
{
    /// <summary>The longest file that is read: 512 MiB.</summary>
    public const long MaximumFileBytes = 512L << 20;

    /// <summary>The longest text that is read: 100,000 characters.</summary>
    public const int MaximumCharacters = 100_000;

    private static readonly string[] s_textNames = ["text", "sentence", "utterance", "content"];
    private static readonly string[] s_labelNames = ["label", "class", "category", "target", "intent"];

    /// <summary>Reads a file and splits its classes.</summary>
    /// <param name="path">
    /// <c>.tsv</c> or <c>.csv</c> with a header line, or <c>.jsonl</c> with an object a line. The text is in <c>text</c>, <c>sentence</c>, <c>utterance</c> or
    /// <c>content</c>, the class in <c>label</c>, <c>class</c>, <c>category</c>, <c>target</c> or <c>intent</c>, unless <paramref name="labelColumn"/> says otherwise.
    /// </param>
    /// <param name="labelColumn">The column of the class, or <see langword="null"/> for the usual names.</param>
    /// <param name="options">How texts become numbers, or <see langword="null"/> for the defaults.</param>
    /// <param name="vectors">Vectors of words, or null.</param>
    /// <param name="fractions">How classes are split, or <see langword="null"/> for the defaults.</param>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">The file is not such a file, or has too few classes or texts of a class.</exception>
    public static ClassData Open(
        string path, string? labelColumn = null, TextOptions? options = null, WordVectors? vectors = null, ClassFractions? fractions = null)
    {
        var texts = Read(path, labelColumn);
        var splits = (fractions ?? new ClassFractions()).Assign(path, [.. texts.Select(text => text.Label).Distinct(StringComparer.Ordinal)]);
        return TextData.Of($"text:{Path.GetFileName(path)}", texts, label => splits[label], options ?? new TextOptions(), vectors);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, as for <see cref="Open"/>.</param>
    /// <param name="labelColumn">The column of the class, or <see langword="null"/> for the usual names.</param>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">The file is not such a file; the message names the row.</exception>
    public static IReadOnlyList<LabelledText> Read(string path, string? labelColumn = null)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new DataNotFoundException($"There is no file {path}: texts with their classes were expected, as .tsv, .csv or .jsonl.");
        }

        if (file.Length > MaximumFileBytes)
        {
            throw new DataFormatException($"{path} has {file.Length:N0} bytes, more than the {MaximumFileBytes:N0} that are read.");
        }

        string[] labels = labelColumn is null ? s_labelNames : [labelColumn];
        using var reader = file.OpenText();
        LabelledText[] texts = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".tsv" => [.. OfTable(reader, path, "\t", labels)],
            ".csv" => [.. OfTable(reader, path, ",", labels)],
            ".jsonl" => [.. OfLines(reader, path, labels)],
            var other => throw new DataFormatException($"{path} ends in '{other}' where .tsv, .csv or .jsonl is expected."),
        };
        return texts.Length > 0 ? texts : throw new DataFormatException($"{path} has no texts.");
    }

    private static IEnumerable<LabelledText> OfTable(StreamReader reader, string name, string separator, string[] labels)
    {
        using var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator, MaxFieldSize = MaximumCharacters, Mode = separator == "\t" ? CsvMode.NoEscape : CsvMode.RFC4180,
            BadDataFound = bad => throw new DataFormatException($"{name}, row {bad.Context.Parser?.Row} has a stray quotation mark."),
        });
        var header = Next(parser, name) ?? throw new DataFormatException($"{name} is empty: a header line was expected.");
        var (text, label) = (Column(header, s_textNames, name), Column(header, labels, name));
        while (Next(parser, name) is { } cells)
        {
            yield return cells.Length == header.Length
                ? Checked(cells[text], cells[label], $"{name}, row {parser.RawRow}")
                : throw new DataFormatException($"{name}, row {parser.RawRow} has {cells.Length} cells where the header has {header.Length}.");
        }
    }

    private static string[]? Next(CsvParser parser, string name)
    {
        try
        {
            return parser.Read() ? parser.Record : null;
        }
        catch (CsvHelperException fault)
        {
            throw new DataFormatException($"{name}, row {parser.RawRow} cannot be read: a text has more than {MaximumCharacters:N0} characters or is not closed.", fault);
        }
    }

    private static int Column(string[] header, string[] names, string file) =>
        Array.FindIndex(header, column => names.Contains(column.Trim(), StringComparer.OrdinalIgnoreCase)) is var index and >= 0
            ? index
            : throw new DataFormatException($"{file} has no column {string.Join(" or ", names)}: its columns are {string.Join(", ", header.Take(20))}.");

    private static IEnumerable<LabelledText> OfLines(StreamReader reader, string name, string[] labels)
    {
        for (var row = 1; reader.ReadLine() is { } line; row++)
        {
            if (line.Trim().Length > 0)
            {
                yield return OfLine(line, $"{name}, line {row}", labels);
            }
        }
    }

    private static LabelledText OfLine(string line, string place, string[] labels)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            string? Field(string[] names) => document.RootElement.EnumerateObject()
                .FirstOrDefault(field => names.Contains(field.Name, StringComparer.OrdinalIgnoreCase) && field.Value.ValueKind == JsonValueKind.String).Value is { ValueKind: JsonValueKind.String } found
                ? found.GetString() : null;
            return Field(s_textNames) is { } text && Field(labels) is { } label
                ? Checked(text, label, place)
                : throw new DataFormatException($"{place} has no string {string.Join(" or ", s_textNames)}, or none {string.Join(" or ", labels)}.");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new DataFormatException($"{place} is not a JSON object.", fault);
        }
    }

    private static LabelledText Checked(string text, string label, string place) =>
        text.Trim().Length > 0 && label.Trim().Length > 0
            ? new(text.Trim(), label.Trim())
            : throw new DataFormatException($"{place} has no {(text.Trim().Length == 0 ? "text" : "class")}.");
}

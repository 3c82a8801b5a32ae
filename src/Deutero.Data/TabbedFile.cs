using System.IO.Compression;

namespace Deutero.Data;

/// <summary>Reads tab-separated tables with a header line, gzip-compressed if their name ends in <c>.gz</c>.</summary>
internal static class TabbedFile
{
    private const int MaximumLines = 10_000_000;

    internal static IEnumerable<string[]> Read(string path, string[] columns)
    {
        using var file = File.OpenRead(path);
        using var content = path.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionMode.Decompress)
            : (Stream)file;
        using var reader = new StreamReader(content);
        var header = NextLine(reader, path);
        if (header is null || !header.Split('\t').SequenceEqual(columns))
        {
            throw new DataFormatException($"{path} starts with '{Shortened(header)}', not with the columns {string.Join(", ", columns)}.");
        }

        for (var number = 2; NextLine(reader, path) is { } line; number++)
        {
            var cells = line.Split('\t');
            if (cells.Length != columns.Length || number > MaximumLines)
            {
                throw new DataFormatException($"{path}, line {number} has {cells.Length} columns, not {columns.Length}.");
            }

            yield return cells;
        }
    }

    private static string? NextLine(StreamReader reader, string path)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (InvalidDataException fault)
        {
            throw new DataFormatException($"{path} is a damaged gzip file.", fault);
        }
    }

    private static string Shortened(string? text) => text is { Length: > 80 } ? text[..80] + "..." : text ?? "";
}

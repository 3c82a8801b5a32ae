using System.Runtime.InteropServices;
using System.Text;
using Deutero.Torch.Serialization;

namespace Deutero.Data;

/// <summary>Vectors of words, each of length 1, that somebody else learned from a large collection of texts.</summary>
public sealed class WordVectors
{
    private readonly Dictionary<string, int> _rows;
    private readonly float[] _values;

    /// <summary>Makes vectors of some words.</summary>
    /// <param name="words">The words, in lower case, all different.</param>
    /// <param name="values">Their vectors, one after the other; they are brought to length 1.</param>
    /// <exception cref="ArgumentException">There are no words, or not as many numbers for each.</exception>
    public WordVectors(IReadOnlyList<string> words, float[] values)
    {
        if (words.Count == 0 || values.Length == 0 || values.Length % words.Count != 0)
        {
            throw new ArgumentException($"Found {values.Length} numbers for {words.Count} words, where as many for each are expected.");
        }

        Dimensions = values.Length / words.Count;
        _rows = new(words.Count, StringComparer.Ordinal);
        _values = (float[])values.Clone();
        for (var row = 0; row < words.Count; row++)
        {
            _rows[words[row]] = row;
            var vector = _values.AsSpan(row * Dimensions, Dimensions);
            var length = 0.0;
            foreach (var value in vector)
            {
                length += value * value;
            }

            foreach (ref var value in vector)
            {
                value = (float)(value / Math.Max(Math.Sqrt(length), 1e-12));
            }
        }
    }

    private WordVectors(string[] words, float[] values, int dimensions) =>
        (_rows, _values, Dimensions) = (words.Index().ToDictionary(word => word.Item, word => word.Index, StringComparer.Ordinal), values, dimensions);

    /// <summary>The numbers of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>How many words have one.</summary>
    public int Count => _rows.Count;

    /// <summary>Reads the file that <c>deutero data fetch word-vectors</c> writes.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFormatException">It is no such file.</exception>
    public static WordVectors Read(string path)
    {
        try
        {
            var items = Safetensors.ReadAll(path).Items.ToDictionary(item => item.Entry.Name);
            var words = Encoding.UTF8.GetString(items["words"].Data).Split('\n');
            return new(words, Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(items["vectors"].Data).ToArray(), value => (float)value));
        }
        catch (Exception fault) when (fault is SafetensorsException or KeyNotFoundException or ArgumentException)
        {
            throw new DataFormatException($"{path} does not hold word vectors: run 'deutero data fetch word-vectors' again.", fault);
        }
    }

    /// <summary>Opens the vectors of the catalogue.</summary>
    /// <param name="dataFolder">The folder with <c>word-vectors/</c>, or <see langword="null"/> to look in the usual places.</param>
    /// <exception cref="DataNotFoundException">They are in none of the places.</exception>
    /// <exception cref="DataFormatException">The file is damaged.</exception>
    public static WordVectors Open(string? dataFolder = null)
    {
        // Vectors are fetched into the cache even where the texts lie in a folder of their own.
        var location = DataLocation.Resolve(dataFolder);
        var name = DataSets.WordVectors.Files[0].Name;
        var folder = (location with { Folders = [.. location.Folders, DataLocation.CacheFolder] }).Find(DataSets.WordVectors, [name]);
        return Read(Path.Combine(folder, name));
    }

    /// <summary>The vectors as tensors, which <see cref="OfItems"/> reads to the same bits.</summary>
    internal IEnumerable<SafetensorsItem> ToItems()
    {
        var words = Encoding.UTF8.GetBytes(string.Join('\n', _rows.OrderBy(word => word.Value).Select(word => word.Key)));
        var vectors = _rows.Values.Order().SelectMany(row => Row(row).ToArray()).ToArray();
        return [new("words", "U8", [words.Length], words), new("vectors", "F32", [Count, Dimensions], MemoryMarshal.AsBytes<float>(vectors).ToArray())];
    }

    /// <summary>Reads what <see cref="ToItems"/> gave; vectors are not brought to length 1 again.</summary>
    /// <exception cref="ArgumentException">Words and vectors do not belong together, or two words are the same.</exception>
    internal static WordVectors OfItems(IReadOnlyDictionary<string, SafetensorsItem> items)
    {
        var (words, vectors) = (Encoding.UTF8.GetString(items["words"].Data).Split('\n'), items["vectors"]);
        return vectors.Entry is { DType: "F32", Shape: [var rows, > 0 and var dimensions] } && rows == words.Length
            ? new(words, MemoryMarshal.Cast<byte, float>(vectors.Data).ToArray(), (int)dimensions)
            : throw new ArgumentException($"There are {words.Length} words and vectors of shape [{string.Join(", ", vectors.Entry.Shape)}].");
    }

    /// <summary>Where a word's vector is; -1 where it has none. A word with an apostrophe may have that of what stands before it.</summary>
    /// <param name="word">In lower case.</param>
    internal int RowOf(string word) =>
        _rows.TryGetValue(word, out var row) || (word.IndexOf('\'', StringComparison.Ordinal) is var end and > 0 && _rows.TryGetValue(word[..end], out row)) ? row : -1;

    /// <summary>A vector.</summary>
    /// <param name="row">Where it is.</param>
    internal ReadOnlySpan<float> Row(int row) => _values.AsSpan(row * Dimensions, Dimensions);
}

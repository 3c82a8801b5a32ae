using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Deutero.Torch.Serialization;

namespace Deutero.Data;

/// <summary>Turns texts into numbers of one length: a hashed bag with TF-IDF weights, and the vectors of the words where there are some.</summary>
/// <remarks>
/// The first <see cref="TextOptions.Buckets"/> numbers are the bag, of length 1: words, and if asked for pairs of neighbouring words and runs of three to five
/// characters, each at a place and with a sign that its hash gives. After it come, for each of the first <see cref="TextOptions.Words"/> words, its inverse
/// document frequency and its vector of length 1, less the mean vector of the training texts' words; zeros for a word without a vector and where the text has ended.
/// Document frequencies and the mean are those of the meta-training texts alone.
/// </remarks>
public sealed class TextFeatures
{
    private const double GramWeight = 0.5;
    private const int ShortestGram = 3;
    private const int LongestGram = 5;

    private const string Format = "deutero-texts-1";

    private readonly Dictionary<ulong, int> _documents = [];
    private readonly int _texts;
    private readonly float[] _common;

    /// <summary>Counts in how many of some texts every word and n-gram occurs.</summary>
    /// <param name="training">The meta-training texts; they are gone through twice.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <param name="vectors">Vectors of words; needed where <see cref="TextOptions.Words"/> is above 0.</param>
    /// <exception cref="ArgumentException">Vectors are asked for and there are none, or the bag is too small.</exception>
    public TextFeatures(IReadOnlyCollection<string> training, TextOptions? options = null, WordVectors? vectors = null)
    {
        (Options, Vectors) = (options ?? new TextOptions(), vectors);
        if (Options.Buckets < 16 || Options.Words < 0 || (Options.Words > 0 && vectors is null))
        {
            throw new ArgumentException(
                $"A bag of at least 16 places, and vectors where words are asked for, were expected, but found {Options.Buckets} places, {Options.Words} words and "
                + $"{(vectors is null ? "no vectors" : "vectors")}.");
        }

        foreach (var text in training)
        {
            foreach (var gram in Grams(TextWords.Of(text)).Select(gram => gram.Hash).Distinct())
            {
                _documents[gram] = _documents.GetValueOrDefault(gram) + 1;
            }

            _texts++;
        }

        _common = CommonVector(training);
    }

    private TextFeatures(TextOptions options, int texts, IEnumerable<KeyValuePair<ulong, int>> documents, float[] common, WordVectors? vectors) =>
        (Options, _texts, _documents, _common, Vectors) = (options, texts, new(documents), common, vectors);

    /// <summary>How texts become numbers.</summary>
    public TextOptions Options { get; }

    /// <summary>The vectors of words; null where there are none.</summary>
    public WordVectors? Vectors { get; }

    /// <summary>How many numbers a text becomes.</summary>
    public int Length => Options.Buckets + (Options.Words > 0 ? Options.Words * (1 + Vectors!.Dimensions) : 0);

    /// <summary>Turns a text into numbers, the bag without its zeros.</summary>
    /// <param name="text">The text.</param>
    internal EncodedText Encode(string text)
    {
        var words = TextWords.Of(text);
        var bag = new SortedDictionary<int, double>();
        foreach (var gram in Grams(words).GroupBy(gram => gram.Hash))
        {
            var count = Options.NGrams ? 1 + Math.Log(gram.Count()) : gram.Count();
            var place = (int)((gram.Key >> 1) % (ulong)Options.Buckets);
            bag[place] = bag.GetValueOrDefault(place) + ((gram.Key & 1) == 0 ? 1 : -1) * count * gram.First().Weight * Rarity(gram.Key);
        }

        var length = Math.Sqrt(bag.Values.Sum(value => value * value));
        var known = words.Take(Options.Words).Select(word => (Row: Vectors!.RowOf(word), Rarity: Rarity(Hash('w', word)))).ToArray();
        return new(
            [.. bag.Keys], [.. bag.Values.Select(value => (float)(value / Math.Max(length, 1e-12)))],
            Array.ConvertAll(known, word => word.Row), Array.ConvertAll(known, word => (float)word.Rarity));
    }

    /// <summary>Writes a text's numbers.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination"><see cref="Length"/> numbers.</param>
    internal void Write(EncodedText text, Span<float> destination)
    {
        destination.Clear();
        for (var i = 0; i < text.Places.Length; i++)
        {
            destination[text.Places[i]] = text.Values[i];
        }

        for (var i = 0; i < text.Words.Length; i++)
        {
            var row = destination.Slice(Options.Buckets + (i * (1 + Vectors!.Dimensions)), 1 + Vectors.Dimensions);
            row[0] = text.Rarities[i];
            if (text.Words[i] >= 0)
            {
                var vector = Vectors.Row(text.Words[i]);
                for (var place = 0; place < vector.Length; place++)
                {
                    row[1 + place] = vector[place] - _common[place];
                }
            }
        }
    }

    /// <summary>Turns a text into numbers.</summary>
    /// <param name="text">The text.</param>
    /// <returns><see cref="Length"/> numbers.</returns>
    public float[] Numbers(string text)
    {
        var numbers = new float[Length];
        Write(Encode(text), numbers);
        return numbers;
    }

    /// <summary>Writes everything that turns a text into numbers: options, document frequencies and the vectors of words, of which all are kept, as texts to come have other words.</summary>
    /// <param name="stream">Where to; the same features give the same bytes.</param>
    public void Save(Stream stream)
    {
        var grams = _documents.Keys.Order().ToArray();
        var counts = Array.ConvertAll(grams, gram => _documents[gram]);
        SafetensorsItem[] items =
        [
            new("grams", "I64", [grams.Length], MemoryMarshal.AsBytes<ulong>(grams).ToArray()), new("documents", "I32", [counts.Length], MemoryMarshal.AsBytes<int>(counts).ToArray()),
            new("common", "F32", [_common.Length], MemoryMarshal.AsBytes<float>(_common).ToArray()), .. Vectors?.ToItems() ?? [],
        ];
        Safetensors.Write(stream, items, new Dictionary<string, string>
        {
            ["format"] = Format, ["buckets"] = Text(Options.Buckets), ["nGrams"] = $"{Options.NGrams}", ["words"] = Text(Options.Words), ["texts"] = Text(_texts),
        });
    }

    /// <summary>Reads what <see cref="Save"/> wrote: texts become the same numbers to the last bit.</summary>
    /// <param name="stream">A seekable stream.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="DataFormatException">It holds something else.</exception>
    public static TextFeatures Load(Stream stream, string name)
    {
        try
        {
            var file = Safetensors.ReadAll(stream);
            var (items, options) = (file.Items.ToDictionary(item => item.Entry.Name), file.Metadata);
            int Option(string key) => int.Parse(options[key], CultureInfo.InvariantCulture);
            var read = new TextOptions { Buckets = Option("buckets"), NGrams = bool.Parse(options["nGrams"]), Words = Option("words") };
            var vectors = items.ContainsKey("words") ? WordVectors.OfItems(items) : null;
            var grams = MemoryMarshal.Cast<byte, ulong>(items["grams"].Data).ToArray();
            var counts = MemoryMarshal.Cast<byte, int>(items["documents"].Data).ToArray();
            var common = MemoryMarshal.Cast<byte, float>(items["common"].Data).ToArray();
            return options["format"] == Format && read is { Buckets: >= 16, Words: >= 0 } && (read.Words == 0 || vectors is not null)
                && grams.Length == counts.Length && common.Length == (vectors?.Dimensions ?? 0)
                ? new(read, Option("texts"), grams.Zip(counts, KeyValuePair.Create), common, vectors)
                : throw new ArgumentException("its parts do not belong together");
        }
        catch (Exception fault) when (fault is SafetensorsException or KeyNotFoundException or ArgumentException or FormatException or OverflowException)
        {
            throw new DataFormatException($"{name} does not hold what turns texts into numbers: it is damaged, or of another version.", fault);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // The mean vector of the words of the training texts, weighted by rarity: what all texts share tells none apart.
    private float[] CommonVector(IEnumerable<string> training)
    {
        var (sum, total) = (new double[Vectors?.Dimensions ?? 0], 0.0);
        foreach (var encoded in Options.Words > 0 ? training.Select(Encode) : [])
        {
            foreach (var (row, rarity) in encoded.Words.Zip(encoded.Rarities).Where(word => word.First >= 0))
            {
                total += rarity;
                for (var place = 0; place < sum.Length; place++)
                {
                    sum[place] += rarity * Vectors!.Row(row)[place];
                }
            }
        }

        return Array.ConvertAll(sum, value => (float)(value / Math.Max(total, 1)));
    }

    // The smoothed inverse document frequency: 1 for what is in every text, most for what is in none.
    private double Rarity(ulong hash) => Math.Log((1.0 + _texts) / (1 + _documents.GetValueOrDefault(hash))) + 1;

    private IEnumerable<(ulong Hash, double Weight)> Grams(List<string> words)
    {
        for (var place = 0; place < words.Count; place++)
        {
            yield return (Hash('w', words[place]), 1);
            if (!Options.NGrams)
            {
                continue;
            }

            if (place > 0)
            {
                yield return (Hash('p', $"{words[place - 1]} {words[place]}"), GramWeight);
            }

            var marked = $"<{words[place]}>";
            for (var length = ShortestGram; length <= LongestGram; length++)
            {
                for (var start = 0; start + length <= marked.Length; start++)
                {
                    yield return (Hash('c', marked.AsSpan(start, length)), GramWeight);
                }
            }
        }
    }

    // FNV-1a over UTF-8, and a finaliser that spreads its bits: the same on every machine.
    private static ulong Hash(char kind, ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[256];
        var hash = (14695981039346656037UL ^ kind) * 1099511628211UL;
        for (var start = 0; start < text.Length; start += 64)
        {
            var count = Encoding.UTF8.GetBytes(text.Slice(start, Math.Min(64, text.Length - start)), bytes);
            foreach (var one in bytes[..count])
            {
                hash = (hash ^ one) * 1099511628211UL;
            }
        }

        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        return hash ^ (hash >> 33);
    }
}

using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Edge;

/// <summary>What the items of meta-training look like, as means and deviations of a few moments, and how far from that held-out items are.</summary>
/// <remarks>
/// The moments of an image are, for each channel, its mean and deviation, the mean absolute differences between neighbours across and down, the shares of
/// pixels below 0.1 and above 0.9, and where its light is: centre and spread, across and down. Those of a text are how many places of its bag are not 0, as a
/// logarithm, how much the largest of them weighs, and where words have vectors the share that have none and the mean rarity. Those of a table's row are its
/// numbers themselves.
/// </remarks>
/// <param name="Mean">The mean of each moment.</param>
/// <param name="Deviation">The standard deviation of each.</param>
/// <param name="Limit">The distance that all but a few held-out items keep.</param>
public sealed record ItemStatistics(IReadOnlyList<double> Mean, IReadOnlyList<double> Deviation, double Limit)
{
    private const double LeastDeviation = 1e-3;

    /// <summary>How unlike the items of meta-training an item is: the root mean square of its moments' deviations, in standard deviations.</summary>
    /// <param name="item">The item's numbers.</param>
    /// <param name="input">What the model takes.</param>
    public double Distance(ReadOnlySpan<float> item, InputContract input) => Distance(Moments(item, input), Mean, Deviation);

    internal static ItemStatistics Of(InputContract input, IClassPool train, IClassPool heldOut, int count, double rate, Generator random)
    {
        var seen = Sample(input, train, count, random);
        var mean = Enumerable.Range(0, seen[0].Length).Select(i => seen.Average(moments => moments[i])).ToArray();
        var deviation = mean.Select((centre, i) => Math.Max(LeastDeviation, Math.Sqrt(seen.Average(moments => Math.Pow(moments[i] - centre, 2))))).ToArray();
        var distances = Sample(input, heldOut, count, random).Select(moments => Distance(moments, mean, deviation)).Order().ToArray();
        return new(mean, deviation, distances[(int)((1 - rate) * (distances.Length - 1))]);
    }

    private static double Distance(double[] moments, IReadOnlyList<double> mean, IReadOnlyList<double> deviation) =>
        Math.Sqrt(moments.Select((moment, i) => Math.Pow((moment - mean[i]) / deviation[i], 2)).Average());

    private static double[][] Sample(InputContract input, IClassPool pool, int count, Generator random)
    {
        var values = new float[input.ItemSize];
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var from = random.Choose(1, pool.ClassCount)[0];
            pool.Write(from, random.Choose(1, pool.ItemCount(from))[0], values);
            return Moments(values, input);
        })];
    }

    private static double[] Moments(ReadOnlySpan<float> item, InputContract input)
    {
        if (input.Texts is { } texts)
        {
            return OfText(item, texts.Options.Words > 0 ? 1 + texts.Vectors!.Dimensions : 0, texts.Options.Buckets);
        }

        if (input.Image is not { } image)
        {
            return [.. item.ToArray().Select(value => (double)value)];
        }

        var moments = new List<double>();
        for (var channel = 0; channel < image.Channels; channel++)
        {
            AddOfChannel(item.Slice(channel * image.Size * image.Size, image.Size * image.Size), image.Size, moments);
        }

        return [.. moments];
    }

    private static double[] OfText(ReadOnlySpan<float> item, int wordLength, int buckets)
    {
        var (places, largest) = (0, 0.0);
        foreach (var value in item[..buckets])
        {
            places += value != 0 ? 1 : 0;
            largest = Math.Max(largest, Math.Abs(value));
        }

        if (wordLength == 0)
        {
            return [Math.Log(1 + places), largest];
        }

        var (words, strange, rarity) = (0, 0, 0.0);
        for (var start = buckets; start < item.Length && item[start] != 0; start += wordLength) // a rarity is at least 1, and 0 where the text has ended
        {
            words++;
            rarity += item[start];
            strange += item.Slice(start + 1, wordLength - 1).IndexOfAnyExcept(0f) < 0 ? 1 : 0;
        }

        return [Math.Log(1 + places), largest, strange / Math.Max(1.0, words), rarity / Math.Max(1, words)];
    }

    private static void AddOfChannel(ReadOnlySpan<float> pixels, int size, List<double> moments)
    {
        var (sum, squares, across, down, dark, bright) = (0.0, 0.0, 0.0, 0.0, 0, 0);
        var (x1, y1, x2, y2) = (0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < pixels.Length; i++)
        {
            var (value, x, y) = ((double)pixels[i], (i % size) / (size - 1.0), (i / size) / (size - 1.0));
            sum += value;
            squares += value * value;
            across += i % size > 0 ? Math.Abs(value - pixels[i - 1]) : 0;
            down += i >= size ? Math.Abs(value - pixels[i - size]) : 0;
            dark += value < 0.1 ? 1 : 0;
            bright += value > 0.9 ? 1 : 0;
            (x1, y1, x2, y2) = (x1 + (value * x), y1 + (value * y), x2 + (value * x * x), y2 + (value * y * y));
        }

        var (count, light) = ((double)pixels.Length, Math.Max(sum, 1e-6));
        double Spread(double first, double second) => Math.Sqrt(Math.Max(0, (second / light) - (first / light * first / light)));
        moments.AddRange(
        [
            sum / count, Math.Sqrt(Math.Max(0, (squares / count) - (sum / count * sum / count))), across / count, down / count, dark / count, bright / count,
            x1 / light, y1 / light, Spread(x1, x2), Spread(y1, y2),
        ]);
    }
}

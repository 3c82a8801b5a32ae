namespace Deutero.Tools.Glyphs;

/// <summary>What a classifier that learns nothing reaches: the nearest class mean of raw pixels, over random episodes.</summary>
internal static class PixelFloor
{
    /// <summary>Mean accuracy and the half width of its 95 % confidence interval over episodes, both in per cent.</summary>
    public static (double Mean, double HalfWidth) Measure(byte[][] images, int ways, int shots, int queries, int episodes, ulong seed)
    {
        var random = new SplitMix64(seed);
        var accuracies = new double[episodes];
        for (var e = 0; e < episodes; e++)
        {
            accuracies[e] = 100 * Episode(images, ways, shots, queries, random);
        }

        var mean = accuracies.Average();
        var variance = accuracies.Sum(a => (a - mean) * (a - mean)) / (episodes - 1);
        return (mean, 1.96 * Math.Sqrt(variance / episodes));
    }

    private static double Episode(byte[][] images, int ways, int shots, int queries, SplitMix64 random)
    {
        var classes = random.Shuffle(Enumerable.Range(0, images.Length / Builder.Renderings))[..ways];
        var items = classes.Select(c => random.Shuffle(images[(c * Builder.Renderings)..((c + 1) * Builder.Renderings)])).ToArray();
        var means = items.Select(item => Mean(item[..shots])).ToArray();
        var right = 0;
        for (var way = 0; way < ways; way++)
        {
            right += items[way][shots..(shots + queries)].Count(query => Nearest(means, query) == way);
        }

        return right / (double)(ways * queries);
    }

    private static float[] Mean(byte[][] images)
    {
        var mean = new float[images[0].Length];
        for (var i = 0; i < mean.Length; i++)
        {
            mean[i] = (float)images.Average(image => image[i]);
        }

        return mean;
    }

    private static int Nearest(float[][] means, byte[] query)
    {
        var distances = Array.ConvertAll(means, mean =>
        {
            var sum = 0f;
            for (var i = 0; i < mean.Length; i++)
            {
                sum += (mean[i] - query[i]) * (mean[i] - query[i]);
            }

            return sum;
        });
        return Array.IndexOf(distances, distances.Min());
    }
}

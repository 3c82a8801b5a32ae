using Deutero.Tasks;

namespace Deutero.Data.Tests;

/// <summary>The pixel class mean: the floor that any learner must beat. Five ways, fifteen queries.</summary>
internal static class NearestMean
{
    private const int Ways = 5;
    private const int Queries = 15;

    internal static double Accuracy(IClassPool pool, int shots, int episodes, int seed)
    {
        var random = new Random(seed);
        var size = (int)pool.ItemShape.Aggregate(1L, (a, b) => a * b);
        var right = 0;
        for (var episode = 0; episode < episodes; episode++)
        {
            var classes = Draw(random, pool.ClassCount, Ways);
            var items = classes.Select(c => Draw(random, pool.ItemCount(c), shots + Queries)).ToArray();
            var means = classes.Select((c, way) => Mean(pool, c, items[way][..shots], size)).ToArray();
            var query = new float[size];
            for (var way = 0; way < Ways; way++)
            {
                foreach (var item in items[way][shots..])
                {
                    pool.Write(classes[way], item, query);
                    var distances = means.Select(mean => Distance(mean, query)).ToArray();
                    right += Array.IndexOf(distances, distances.Min()) == way ? 1 : 0;
                }
            }
        }

        return 100.0 * right / (episodes * Ways * Queries);
    }

    private static int[] Draw(Random random, int from, int count)
    {
        // Data sets with fewer items than shots and queries give what they have.
        var all = Enumerable.Range(0, from).ToArray();
        random.Shuffle(all);
        return all[..Math.Min(count, from)];
    }

    private static float[] Mean(IClassPool pool, int classIndex, int[] items, int size)
    {
        var mean = new float[size];
        var one = new float[size];
        foreach (var item in items)
        {
            pool.Write(classIndex, item, one);
            for (var i = 0; i < size; i++)
            {
                mean[i] += one[i] / items.Length;
            }
        }

        return mean;
    }

    private static double Distance(float[] a, float[] b)
    {
        var sum = 0f;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }

        return sum;
    }
}

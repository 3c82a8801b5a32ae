using System.Numerics;

namespace Deutero.Data.Tests;

/// <summary>The modified Hausdorff distance of Dubuisson and Jain 1994, as in Lake's demonstration of one-shot classification.</summary>
internal static class ModifiedHausdorff
{
    /// <summary>The ink pixels as points, centred on their mean; padded with far points to a whole number of vectors.</summary>
    internal static (float[] X, float[] Y, int Count) Ink(float[] image, int size)
    {
        var points = Enumerable.Range(0, image.Length).Where(i => image[i] > 0.5f).ToArray();
        var (x, y) = (points.Average(p => p % size), points.Average(p => p / size));
        var padding = Enumerable.Repeat(1e6f, Vector<float>.Count - (points.Length % Vector<float>.Count));
        return ([.. points.Select(p => (float)((p % size) - x)), .. padding], [.. points.Select(p => (float)((p / size) - y)), .. padding], points.Length);
    }

    internal static double Distance((float[] X, float[] Y, int Count) a, (float[] X, float[] Y, int Count) b) =>
        Math.Max(Directed(a, b), Directed(b, a));

    private static double Directed((float[] X, float[] Y, int Count) from, (float[] X, float[] Y, int Count) to)
    {
        var sum = 0.0;
        for (var i = 0; i < from.Count; i++)
        {
            var (x, y) = (new Vector<float>(from.X[i]), new Vector<float>(from.Y[i]));
            var least = new Vector<float>(float.MaxValue);
            for (var j = 0; j < to.X.Length; j += Vector<float>.Count)
            {
                var (dx, dy) = (new Vector<float>(to.X, j) - x, new Vector<float>(to.Y, j) - y);
                least = Vector.Min(least, (dx * dx) + (dy * dy));
            }

            var nearest = float.MaxValue;
            for (var lane = 0; lane < Vector<float>.Count; lane++)
            {
                nearest = Math.Min(nearest, least[lane]);
            }

            sum += Math.Sqrt(nearest);
        }

        return sum / from.Count;
    }
}

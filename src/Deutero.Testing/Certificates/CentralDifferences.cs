using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>Central finite differences of a scalar function of parameters, and the distance between two directions.</summary>
internal static class CentralDifferences
{
    // Truncation (step²) and rounding (1e-16 / step) are both near 1e-10 here.
    private const double Step = 1e-5;

    internal static double[] Gradient(Func<Parameters, double> function, Parameters at) => Gradient(function, at, Enumerable.Range(0, (int)at.ElementCount));

    internal static double[] Gradient(Func<Parameters, double> function, Parameters at, IEnumerable<int> coordinates, double step = Step)
    {
        var point = at.Flatten().ToArray<double>();
        return [.. coordinates.Select(i => (Shifted(i, step) - Shifted(i, -step)) / (2 * step))];

        double Shifted(int coordinate, double by)
        {
            using var scope = new TensorScope();
            var moved = (double[])point.Clone();
            moved[coordinate] += by;
            return function(at.Unflatten(Tensor.From(moved)));
        }
    }

    // As many coordinates of each tensor as two runs of the learner for each can be afforded.
    internal static int[] Sample(Parameters at, int ofEach)
    {
        var (coordinates, offset) = (new List<int>(), 0);
        foreach (var leaf in at.Leaves)
        {
            var (count, first) = ((int)leaf.Count, offset);
            coordinates.AddRange(Enumerable.Range(0, Math.Min(count, ofEach)).Select(i => first + (int)((long)i * count / Math.Min(count, ofEach))));
            offset += count;
        }

        return [.. coordinates];
    }

    internal static double RelativeError(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected)
    {
        var (difference, norm) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }

        return actual.Length != expected.Length ? double.NaN : Math.Sqrt(difference / Math.Max(norm, double.Epsilon));
    }
}

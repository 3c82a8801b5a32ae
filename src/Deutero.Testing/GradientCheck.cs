using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>Compares automatic derivatives with central finite differences, in float64.</summary>
/// <remarks>
/// Central differences of step h are wrong by about h² times the third derivative plus 1e-16/h: with h = 1e-5 a smooth function agrees to
/// about 1e-9. Functions with kinks (ReLU, max-pooling) agree only where no kink lies within h of the point.
/// </remarks>
public static class GradientCheck
{
    /// <summary>Checks the gradient of a scalar function.</summary>
    /// <typeparam name="T">A tensor, parameters or another value made of tensors.</typeparam>
    /// <param name="function">Returns a scalar, shape <c>[]</c>, in float64.</param>
    /// <param name="at">Where to check; every leaf Float64.</param>
    /// <param name="step">The step h, positive.</param>
    /// <exception cref="ArgumentException">A leaf is not Float64.</exception>
    public static GradientComparison First<T>(Func<T, Tensor> function, T at, double step = 1e-5)
        where T : ITensors<T>
    {
        RequireFloat64(at);
        using var scope = new TensorScope();
        var analytic = Flatten(Transforms.Grad(function, at));
        return Compare(analytic, [.. Differences(function, at, step)]);
    }

    /// <summary>Checks the second derivative: the Hessian-vector product against differences of the gradient.</summary>
    /// <typeparam name="T">A tensor, parameters or another value made of tensors.</typeparam>
    /// <param name="function">Returns a scalar, shape <c>[]</c>, in float64.</param>
    /// <param name="at">Where to check; every leaf Float64.</param>
    /// <param name="vector">The direction, of the same shapes.</param>
    /// <param name="step">The step h, positive.</param>
    /// <exception cref="ArgumentException">A leaf is not Float64.</exception>
    public static GradientComparison Second<T>(Func<T, Tensor> function, T at, T vector, double step = 1e-5)
        where T : ITensors<T>
    {
        RequireFloat64(at);
        using var scope = new TensorScope();
        var analytic = Flatten(Transforms.Hvp(function, at, vector));
        var forward = Flatten(Transforms.Grad(function, Move(at, vector, step)));
        var backward = Flatten(Transforms.Grad(function, Move(at, vector, -step)));
        return Compare(analytic, [.. forward.Zip(backward, (plus, minus) => (plus - minus) / (2 * step))]);
    }

    // For each element of the point, the central difference of the function.
    private static IEnumerable<double> Differences<T>(Func<T, Tensor> function, T at, double step)
        where T : ITensors<T>
    {
        for (var leaf = 0; leaf < at.Leaves.Count; leaf++)
        {
            var values = at.Leaves[leaf].ToArray<double>();
            for (var i = 0; i < values.Length; i++)
            {
                var (leafIndex, element) = (leaf, i);
                double At(double offset)
                {
                    using var scope = new TensorScope();
                    var moved = (double[])values.Clone();
                    moved[element] += offset;
                    var leaves = at.Leaves.ToArray();
                    leaves[leafIndex] = Tensor.From(moved, [.. at.Leaves[leafIndex].Shape]);
                    return function(at.WithLeaves(leaves)).ToDouble();
                }

                yield return (At(step) - At(-step)) / (2 * step);
            }
        }
    }

    private static T Move<T>(T at, T direction, double step)
        where T : ITensors<T> => at.WithLeaves([.. at.Leaves.Zip(direction.Leaves, (leaf, along) => leaf + (step * along))]);

    private static double[] Flatten<T>(T value)
        where T : ITensors<T> => [.. value.Leaves.SelectMany(leaf => leaf.ToArray<double>())];

    private static GradientComparison Compare(double[] analytic, double[] numeric)
    {
        var difference = Norm(analytic.Zip(numeric, (a, n) => a - n));
        var scale = Math.Max(1e-12, Math.Max(Norm(analytic), Norm(numeric)));
        var absolute = analytic.Zip(numeric, (a, n) => Math.Abs(a - n)).DefaultIfEmpty().Max();
        return new(difference / scale, absolute, analytic, numeric);
    }

    private static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));

    private static void RequireFloat64<T>(T at)
        where T : ITensors<T>
    {
        var other = at.Leaves.FirstOrDefault(leaf => leaf.DType != DType.Float64);
        if (other is not null)
        {
            throw new ArgumentException($"Finite differences need Float64 but a leaf is {other}; convert it with To(DType.Float64).");
        }
    }
}

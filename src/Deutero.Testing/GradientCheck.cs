using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>Compares automatic differentiation with central finite differences, in float64.</summary>
/// <remarks>
/// Differences are only a judge where the function is smooth within a step of the point: keep away from kinks (ReLU at 0, equal maxima).
/// The cost is two evaluations of the function (or of its gradient) for each element.
/// </remarks>
public static class GradientCheck
{
    /// <summary>Checks the gradient of a scalar function.</summary>
    /// <typeparam name="T">A tensor, parameters or another value made of tensors.</typeparam>
    /// <param name="function">Deterministic; returns a scalar, shape <c>[]</c>, float64.</param>
    /// <param name="at">Where to differentiate: float64 leaves on the processor.</param>
    /// <param name="step">The step of the differences <c>(f(x + step) - f(x - step)) / (2 step)</c>; above 0.</param>
    /// <returns>One entry for each element of <paramref name="at"/>.</returns>
    /// <exception cref="ArgumentException">A leaf is not float64, or the step is not above 0.</exception>
    /// <exception cref="TorchException">The function does not return a scalar that depends on the point.</exception>
    public static GradientCheckResult First<T>(Func<T, Tensor> function, T at, double step = 1e-5)
        where T : ITensors<T>
    {
        RequireDouble(at, step);
        using var scope = new TensorScope();
        var analytic = Values(Transforms.Grad(function, at));
        var numeric = new double[analytic.Length];
        for (var i = 0; i < numeric.Length; i++)
        {
            using var inner = new TensorScope();
            numeric[i] = (function(Moved(at, i, step)).ToDouble() - function(Moved(at, i, -step)).ToDouble()) / (2 * step);
        }

        return new(analytic, numeric);
    }

    /// <summary>Checks the whole Hessian of a scalar function: a gradient of the gradient against differences of the gradient.</summary>
    /// <typeparam name="T">A tensor, parameters or another value made of tensors.</typeparam>
    /// <param name="function">Deterministic and twice differentiable; returns a scalar, shape <c>[]</c>, float64.</param>
    /// <param name="at">Where to differentiate: float64 leaves on the processor.</param>
    /// <param name="step">The step of the differences; above 0.</param>
    /// <returns>The <c>n²</c> entries of the Hessian row by row, for <c>n</c> elements of <paramref name="at"/>.</returns>
    /// <exception cref="ArgumentException">A leaf is not float64, or the step is not above 0.</exception>
    /// <exception cref="TorchException">The function, or its gradient, does not depend on the point.</exception>
    public static GradientCheckResult Second<T>(Func<T, Tensor> function, T at, double step = 1e-5)
        where T : ITensors<T>
    {
        RequireDouble(at, step);
        var count = at.Leaves.Sum(leaf => leaf.Count);
        var rows = new List<GradientCheckResult>();
        for (var i = 0L; i < count; i++)
        {
            using var scope = new TensorScope();
            rows.Add(Second(function, at, Unit(at, i), step));
        }

        return new([.. rows.SelectMany(row => row.Analytic)], [.. rows.SelectMany(row => row.Numeric)]);
    }

    /// <summary>Checks one Hessian-vector product of a scalar function against differences of its gradient along the vector.</summary>
    /// <typeparam name="T">A tensor, parameters or another value made of tensors.</typeparam>
    /// <param name="function">Deterministic and twice differentiable; returns a scalar, shape <c>[]</c>, float64.</param>
    /// <param name="at">Where to differentiate: float64 leaves on the processor.</param>
    /// <param name="direction">The vector: leaves of the shapes of <paramref name="at"/>.</param>
    /// <param name="step">The step of the differences, in units of <paramref name="direction"/>; above 0.</param>
    /// <returns>One entry for each element of <paramref name="at"/>.</returns>
    /// <exception cref="ArgumentException">A leaf is not float64, or the step is not above 0.</exception>
    /// <exception cref="TorchException">The function, or its gradient, does not depend on the point.</exception>
    public static GradientCheckResult Second<T>(Func<T, Tensor> function, T at, T direction, double step = 1e-5)
        where T : ITensors<T>
    {
        RequireDouble(at, step);
        RequireDouble(direction, step);
        using var scope = new TensorScope();
        var analytic = Values(Transforms.Hvp(function, at, direction));
        var ahead = Values(Transforms.Grad(function, Moved(at, direction, step)));
        var behind = Values(Transforms.Grad(function, Moved(at, direction, -step)));
        return new(analytic, [.. ahead.Zip(behind, (a, b) => (a - b) / (2 * step))]);
    }

    private static void RequireDouble<T>(T at, double step)
        where T : ITensors<T>
    {
        if (at.Leaves.FirstOrDefault(leaf => leaf.DType != DType.Float64) is { } found)
        {
            throw new ArgumentException($"A gradient check needs Float64 but found a tensor of {found.DType}; convert it with To(DType.Float64).");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
    }

    private static double[] Values<T>(T value)
        where T : ITensors<T> => [.. value.Leaves.SelectMany(leaf => leaf.ToArray<double>())];

    private static T Moved<T>(T at, T direction, double step)
        where T : ITensors<T> => at.WithLeaves([.. at.Leaves.Zip(direction.Leaves, (leaf, way) => leaf.Detach() + (step * way))]);

    private static T Moved<T>(T at, int element, double step)
        where T : ITensors<T> => Moved(at, Unit(at, element), step);

    // Zeros with a one at the given element, counted through all leaves.
    private static T Unit<T>(T at, long element)
        where T : ITensors<T>
    {
        var leaves = new List<Tensor>();
        foreach (var leaf in at.Leaves)
        {
            var values = new double[leaf.Count];
            if (element >= 0 && element < leaf.Count)
            {
                values[element] = 1;
            }

            element -= leaf.Count;
            leaves.Add(Tensor.From(values).Reshape([.. leaf.Shape]));
        }

        return at.WithLeaves(leaves);
    }
}

namespace Deutero.Torch.Tests;

/// <summary>Tensors from plain numbers, and comparison with them.</summary>
internal static class Numbers
{
    internal static Tensor Vector(params double[] values) => Tensor.From(values);

    internal static Tensor Scalar(double value) => Tensor.Of(value, DType.Float64);

    internal static Tensor Matrix(long rows, params double[] values) => Tensor.From(values, rows, values.Length / rows);

    internal static Tensor Normal(ulong seed, params long[] shape)
    {
        using var random = Generator.Seed(seed);
        return random.Normal(shape, dtype: DType.Float64);
    }

    /// <summary>A scalar that depends on every element in its own way, so that no gradient vanishes by symmetry.</summary>
    internal static Tensor Weighed(Tensor value) =>
        (value * Tensor.Arange(1, value.Count + 1, dtype: DType.Float64).Sin().Reshape([.. value.Shape])).Sum();

    internal static void Close(double[] expected, Tensor actual, double tolerance = 1e-12)
    {
        var values = actual.To(DType.Float64).ToArray<double>();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - values[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"element {i}: expected {expected[i]:R} but found {values[i]:R} in [{string.Join(", ", values)}]");
        }
    }

    internal static void Close(Tensor expected, Tensor actual, double tolerance = 1e-12)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Close(expected.To(DType.Float64).ToArray<double>(), actual, tolerance);
    }

    internal static void Close(Parameters expected, Parameters actual, double tolerance = 1e-12)
    {
        Assert.Equal(expected.Names, actual.Names);
        foreach (var name in expected.Names)
        {
            Close(expected[name], actual[name], tolerance);
        }
    }
}

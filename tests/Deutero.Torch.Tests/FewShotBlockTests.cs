using Deutero.Testing;
using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

/// <summary>The fused operators of the few-shot block: against libtorch's plain ones in float64, and against central differences.</summary>
public sealed class FewShotBlockTests
{
    private const double Epsilon = 1e-5;

    // Images, input and output channels, height, width: every layer of Conv4-64 at 28x28, Conv4-32 at 84x84 and ResNet-12, odd sides, and
    // sides that are no multiple of the 4x4 tiles; 320 channels take libtorch's convolution.
    public static TheoryData<int, int, int, int, int> Convolutions => new()
    {
        { 5, 64, 64, 14, 14 }, { 75, 64, 64, 7, 7 }, { 5, 64, 64, 3, 3 }, { 2, 32, 32, 42, 42 }, { 3, 32, 32, 21, 21 }, { 2, 32, 32, 10, 10 },
        { 2, 64, 160, 10, 10 }, { 1, 160, 160, 5, 5 }, { 1, 320, 320, 3, 3 }, { 7, 16, 48, 5, 6 }, { 1, 16, 16, 1, 1 }, { 2, 48, 16, 4, 9 },
    };

    // Images, channels, height, width, cell, slope.
    public static TheoryData<int, int, int, int, int, double> Pools => new()
    {
        { 5, 64, 28, 28, 2, 0 }, { 75, 64, 7, 7, 2, 0 }, { 5, 64, 3, 3, 2, 0 }, { 2, 32, 21, 21, 2, 0.1 }, { 3, 16, 4, 9, 2, 1 }, { 2, 160, 10, 10, 1, 0.1 },
        { 4, 16, 5, 6, 1, 0 }, { 4, 48, 2, 2, 2, 0 }, { 3, 16, 5, 5, 1, 1 },
    };

    // Images, channels of the images, filters, height, width.
    public static TheoryData<int, int, int, int, int> Firsts => new()
    {
        { 5, 1, 64, 28, 28 }, { 2, 3, 32, 84, 84 }, { 3, 3, 64, 32, 32 }, { 2, 1, 16, 7, 10 }, { 4, 2, 48, 5, 5 },
    };

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Convolution_and_its_derivatives_are_libtorchs_in_float32(int images, int inputs, int outputs, int height, int width)
    {
        Parameters at = [new("x", Normal(1, images, inputs, height, width)), new("w", Normal(2, outputs, inputs, 3, 3) / 24)];
        Agree(p => Tensor.Conv3x3(p["x"], p["w"]), p => Tensor.Conv2d(p["x"], p["w"], padding: [1, 1]), at, DType.Float32, 1e-5);
    }

    [Fact]
    public void Convolution_in_bfloat16_keeps_two_digits()
    {
        Parameters at = [new("x", Normal(1, 5, 64, 7, 7)), new("w", Normal(2, 64, 64, 3, 3) / 24)];
        Agree(p => Tensor.Conv3x3(p["x"], p["w"], reduced: true), p => Tensor.Conv2d(p["x"], p["w"], padding: [1, 1]), at, DType.Float32, 1e-2);
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public void Normalised_activated_pool_and_its_derivatives_are_those_of_the_plain_operators(
        int images, int channels, int height, int width, int cell, double slope)
    {
        Parameters at = [new("x", Normal(1, images, channels, height, width)), new("gamma", Normal(2, channels).Abs() + 0.5), new("beta", Normal(3, channels))];
        Tensor Fused(Parameters p) => Tensor.NormActivatePool(p["x"], p["gamma"], p["beta"], slope, cell, Epsilon);
        Tensor Plain(Parameters p) => PlainPool(p["x"], p, slope, cell);
        Agree(Fused, Plain, at, DType.Float64, 1e-11);
        Agree(Fused, Plain, at, DType.Float32, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Firsts))]
    public void First_block_and_its_derivatives_are_those_of_the_plain_operators(int images, int channels, int filters, int height, int width)
    {
        var data = Normal(1, images, channels, height, width);
        Parameters at =
        [
            new("w", Normal(2, filters, channels, 3, 3) / 3), new("gamma", Normal(3, filters).Abs() + 0.5), new("beta", Normal(4, filters)),
        ];
        Tensor Fused(Parameters p)
        {
            var typed = data.To(p["w"].DType);
            return Tensor.FirstBlock(typed, p["w"], p["gamma"], p["beta"], Tensor.PatchMoments(typed), 0, Epsilon);
        }

        Tensor Plain(Parameters p) => PlainPool(Tensor.Conv2d(data, p["w"], padding: [1, 1]), p, 0, 2);
        Agree(Fused, Plain, at, DType.Float64, 1e-10);
        Agree(Fused, Plain, at, DType.Float32, 1e-5);
    }

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(2, 0.0)]
    [InlineData(2, 0.1)]
    public void Closed_forms_are_those_of_central_differences(int cell, double slope)
    {
        using var scope = new TensorScope();
        Parameters at = [new("x", Normal(1, 2, 16, 3, 4)), new("gamma", Normal(2, 16).Abs() + 0.5), new("beta", Normal(3, 16))];
        Tensor Function(Parameters p) => Weighed(Tensor.NormActivatePool(p["x"], p["gamma"], p["beta"], slope, cell, Epsilon).Square());

        Assert.True(GradientCheck.First(Function, at).Within(1e-7));
        Assert.True(GradientCheck.Second(Function, at, at.Map(leaf => Normal(9, [.. leaf.Shape])), 1e-6).Within(1e-5));
    }

    [Fact]
    public void Moments_of_patches_are_those_of_the_patches()
    {
        using var scope = new TensorScope();
        var images = Normal(1, 3, 2, 5, 19);
        var padded = images.Pad([1, 1, 1, 1]);
        var patches = Enumerable.Range(0, 18)
            .Select(i => padded.Select(1, i / 9).Slice(1, i % 9 / 3, (i % 9 / 3) + 5).Slice(2, i % 3, (i % 3) + 19).Reshape([-1]))
            .Append(Tensor.Ones([3 * 5 * 19], DType.Float64));
        var rows = Tensor.Stack([.. patches]); // [K + 1, pixels]
        Close(rows.Matmul(rows.T()), Tensor.PatchMoments(images), 1e-10);
    }

    [Fact]
    public void Threads_change_nothing_but_rounding_and_repeat_their_bits()
    {
        using var scope = new TensorScope();
        Parameters at = [new("x", Normal(1, 12, 32, 14, 14).To(DType.Float32)), new("w", (Normal(2, 32, 32, 3, 3) / 24).To(DType.Float32))];
        float[] Run(int threads)
        {
            var before = Threads.Current;
            try
            {
                Threads.SetForThisThread(threads);
                return Transforms.Grad(p => Tensor.Conv3x3(p["x"], p["w"]).Square().Sum(), at)["w"].ToArray<float>();
            }
            finally
            {
                Threads.SetForThisThread(before);
            }
        }

        Assert.Equal(Run(2), Run(2));
        var (one, two) = (Tensor.From(Run(1)), Tensor.From(Run(2)));
        Assert.True(((one - two).LinalgNorm() / one.LinalgNorm()).ToDouble() <= 1e-5);
    }

    [Fact]
    public void Wrong_shapes_are_named()
    {
        var images = Tensor.Zeros([1, 16, 4, 4]);
        Assert.Contains("[16, 8, 3, 3]", Assert.Throws<TorchException>(() => Tensor.Conv3x3(images, Tensor.Zeros([16, 8, 3, 3]))).Message, StringComparison.Ordinal);
        var one = Tensor.Ones([8]);
        Assert.Contains(
            "multiple of 16", Assert.Throws<TorchException>(() => Tensor.NormActivatePool(Tensor.Zeros([1, 8, 4, 4]), one, one, 0, 2, Epsilon)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "pool is 3", Assert.Throws<TorchException>(() => Tensor.NormActivatePool(images, Tensor.Ones([16]), Tensor.Ones([16]), 0, 3, Epsilon)).Message, StringComparison.Ordinal);
    }

    private static Tensor PlainPool(Tensor values, Parameters p, double slope, int cell)
    {
        var normed = Tensor.BatchNorm(values, p["gamma"], p["beta"], null, null, true, 0, Epsilon, false);
        var active = slope == 0 ? normed.Relu() : slope == 1 ? normed : normed.LeakyRelu(slope);
        return cell == 2 ? active.MaxPool2d([2, 2], [2, 2]) : active;
    }

    // The value, the gradient and a Hessian-vector product, of `fused` in the given precision and of `plain` in float64, relative to their norms.
    private static void Agree(Func<Parameters, Tensor> fused, Func<Parameters, Tensor> plain, Parameters at, DType precision, double tolerance)
    {
        using var scope = new TensorScope();
        var weights = Normal(7, [.. plain(at).Shape]);
        var direction = at.Map(leaf => Normal(8, [.. leaf.Shape]) / Math.Sqrt(leaf.Count));
        Func<Parameters, Tensor> Scalar(Func<Parameters, Tensor> function) => p =>
        {
            var value = function(p);
            return (value * weights.To(value.DType)).Sum() + (0.5 * value.Square()).Sum();
        };
        Parameters Typed(Parameters values) => values.Map(leaf => leaf.To(precision));

        Near(plain(at), fused(Typed(at)), "value");
        foreach (var (name, expected) in Transforms.Grad(Scalar(plain), at))
        {
            Near(expected, Transforms.Grad(Scalar(fused), Typed(at))[name], "gradient by " + name);
        }

        var products = Transforms.Hvp(Scalar(fused), Typed(at), Typed(direction));
        foreach (var (name, expected) in Transforms.Hvp(Scalar(plain), at, direction))
        {
            Near(expected, products[name], "second derivative by " + name);
        }

        void Near(Tensor expected, Tensor actual, string what)
        {
            var error = (actual.To(DType.Float64) - expected).LinalgNorm().ToDouble() / Math.Max(1e-12, expected.LinalgNorm().ToDouble());
            Assert.True(error <= tolerance, $"{what}: relative error {error:E2}");
        }
    }
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Models;

/// <summary>Models on fused operators against the same models on libtorch's.</summary>
public sealed class FusedKernelsTests
{
    public static TheoryData<string> Models => ["conv4", "conv4-84", "conv4-strided", "conv4-narrow", "resnet12"];

    // Rounding moves a few maxima and rectifiers across their kinks, in libtorch's operators as in the fused ones: against float64, the fused
    // ones must not be much further off than libtorch's are, over several draws. A convolution in the Winograd domain rounds about ten times as
    // coarsely as a direct one (1e-6), which ResNet-12's twelve layers of kinks show.
    [Theory]
    [MemberData(nameof(Models))]
    public void Second_order_meta_gradient_is_as_near_to_float64_as_that_of_the_plain_operators(string name)
    {
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var seed = 1UL; seed <= 7; seed++)
        {
            using var scope = new TensorScope();
            using var random = Generator.Seed(seed);
            var (fused, side, channels) = Of(name, Kernels.Fused);
            var (plain, _, _) = Of(name, Kernels.Plain);
            var theta = fused.Init(random);
            var episode = Draw(random, channels, side);
            var learner = new Maml { InnerRate = 0.1 };
            var exact = Flat(learner.MetaGradient(plain, theta.Map(Double), episode.WithLeaves([.. episode.Leaves.Select(Double)]), random).Direction);
            ours.Add(OffBy(exact, Flat(learner.MetaGradient(fused, theta, episode, random).Direction)));
            theirs.Add(OffBy(exact, Flat(learner.MetaGradient(plain, theta, episode, random).Direction)));
        }

        ours.Sort();
        theirs.Sort();
        Assert.True(ours[3] <= Math.Max(name == "resnet12" ? 1e-5 : 1e-6, 3 * theirs[3]), $"median of 1 - cosine: {ours[3]:E1}, where the plain operators have {theirs[3]:E1}");
    }

    [Fact]
    public void In_float64_they_agree_to_rounding()
    {
        using var scope = new TensorScope();
        using var random = Generator.Seed(3);
        var model = new Conv4 { Filters = 16, Outputs = 5, Height = 16, Width = 16 };
        var theta = model.Init(random).Map(leaf => leaf.To(DType.Float64));
        var episode = Draw(random, 1, 16, DType.Float64);
        var learner = new Maml { InnerRate = 0.1, Steps = 3 };

        var expected = Flat(learner.MetaGradient(model with { Kernels = Kernels.Plain }, theta, episode, random).Direction);
        var actual = Flat(learner.MetaGradient(model, theta, episode, random).Direction);

        Assert.True(((expected - actual).LinalgNorm() / expected.LinalgNorm()).ToDouble() <= 1e-10);
    }

    [Fact]
    public void In_bfloat16_the_gradient_keeps_its_direction()
    {
        using var scope = new TensorScope();
        using var random = Generator.Seed(3);
        var model = new Conv4();
        var theta = model.Init(random);
        var episode = Draw(random, 1, 28);

        var expected = Flat(new ProtoNet().MetaGradient(model, theta, episode, random).Direction);
        var actual = Flat(new ProtoNet().MetaGradient(model with { Precision = Precision.BFloat16 }, theta, episode, random).Direction);

        Assert.InRange(OffBy(expected, actual), 1e-9, 0.02);
    }

    private static (IModel Model, int Side, int Channels) Of(string name, Kernels kernels) => name switch
    {
        "conv4" => (new Conv4 { Outputs = 5, Kernels = kernels }, 28, 1),
        "conv4-84" => (new Conv4 { Outputs = 5, Channels = 3, Height = 84, Width = 84, Filters = 32, Kernels = kernels }, 84, 3),
        "conv4-strided" => (new Conv4 { Outputs = 5, Downsampling = Downsampling.Stride, Kernels = kernels }, 28, 1),
        "conv4-narrow" => (new Conv4 { Outputs = 5, Filters = 8, Kernels = kernels }, 28, 1),
        _ => (new ResNet12 { Outputs = 5, Widths = [16, 32, 48, 64], Kernels = kernels }, 32, 3),
    };

    private static Episode Draw(Generator random, int channels, int side, DType dtype = DType.Float32)
    {
        Examples Some(int perClass) => new(
            random.Uniform([5 * perClass, channels, side, side]).To(dtype), Tensor.From([.. Enumerable.Range(0, 5 * perClass).Select(i => (long)(i / perClass))]), 5);
        return new(Some(1), Some(3), "random");
    }

    private static Tensor Double(Tensor leaf) => leaf.DType == DType.Float32 ? leaf.To(DType.Float64) : leaf;

    private static double OffBy(Tensor expected, Tensor actual) =>
        1 - (expected.Dot(actual) / (expected.LinalgNorm() * actual.LinalgNorm())).ToDouble();

    private static Tensor Flat(Parameters parameters) => Tensor.Cat([.. parameters.Leaves.Select(leaf => leaf.Reshape([-1]).To(DType.Float64))]);
}

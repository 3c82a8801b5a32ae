using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Learners;

public sealed class MetaDiffTests
{
    // Features are the inputs themselves.
    private static readonly Mlp s_identity = new() { Inputs = 3, Hidden = [], Outputs = 0 };

    [Theory]
    [InlineData(1, 0.9999)]
    [InlineData(500, 0.0785872)]
    [InlineData(1000, 4.03583e-5)]
    public void Signal_that_is_left_after_so_many_steps_is_that_of_the_papers_schedule(int t, double expected) =>
        Assert.Equal(expected, new MetaDiff().Signal(t), expected * 2e-6);

    [Theory]
    [InlineData(1000)]
    [InlineData(1)]
    public void Way_back_with_the_exact_noise_ends_at_the_weights_from_anywhere(int steps)
    {
        using var random = Generator.Seed(2);
        var learner = new MetaDiff { Steps = steps };
        var (weights, start) = (random.Normal([4, 6], dtype: DType.Float64), 3 * random.Normal([4, 6], dtype: DType.Float64));
        var end = learner.Reverse(start, (noisy, t) => (noisy - (Math.Sqrt(learner.Signal(t)) * weights)) / Math.Sqrt(1 - learner.Signal(t)));
        MamlTests.AssertClose(weights.ToArray<double>(), end.ToArray<double>(), 1e-6);
    }

    // U(G, t) is G, too, where all its layers are zero: the mix of both is the gradient of ‖w − z‖², averaged over the class, at every time.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Denoiser_of_zeros_is_the_gradient_of_the_support_set(bool seesWeights)
    {
        var learner = new MetaDiff { SeesWeights = seesWeights };
        var denoiser = learner.Init(s_identity, Generator.Seed(1)).To(DType.Float64).Under("denoiser").Map(leaf => leaf.ZerosLike());
        var (noisy, means) = (Tensor.From([1.0, 2, 3, 4, 5, 6], 1, 2, 3), Tensor.From([1.0, 0, 3, 4, 4, 4], 2, 3));
        var guess = learner.Denoise(denoiser, noisy, means, MetaDiff.At(denoiser, [7], means));
        MamlTests.AssertClose([0, 4, 0, 0, 2, 4], guess.ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Mix_of_gradient_and_update_lies_between_them_at_every_time()
    {
        var theta = new MetaDiff().Init(s_identity, Generator.Seed(1)).Map(leaf => leaf * 20);
        var times = MetaDiff.At(theta.Under("denoiser"), [.. Enumerable.Range(1, 1000)], theta.Leaves[0]);
        Assert.Equal([1000, 1, 1], times.Mix.Shape);
        Assert.InRange(times.Mix.Min().ToDouble(), 0, 1);
        Assert.InRange(times.Mix.Max().ToDouble(), 0, 1);
        Assert.True(times.Mix.Max().ToDouble() > times.Mix.Min().ToDouble());
    }

    // cos and sin of t 10000^(−i/160).
    [Fact]
    public void Times_are_told_apart_by_sines_of_many_frequencies()
    {
        var denoiser = new MetaDiff { Width = 2 }.Init(s_identity, Generator.Seed(1)).To(DType.Float64).Under("denoiser");
        var picked = denoiser.Map((name, leaf) => name switch
        {
            "time1.weight" => Tensor.Cat([Unit(leaf, 0), Unit(leaf, 80)]), // cosines of frequency 1 and 1/100
            "time2.weight" => Unit(leaf, 240), // the sine of frequency 1/100
            "time1.bias" or "time2.bias" => leaf.ZerosLike(),
            _ => leaf,
        });
        var factors = MetaDiff.At(picked, [5], denoiser.Leaves[0]).Factors;
        MamlTests.AssertClose([Math.Cos(5), Math.Cos(0.05)], factors[0].ToArray<double>(), 1e-12);
        MamlTests.AssertClose([Math.Sin(0.05)], factors[1].ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Support_sets_of_the_same_means_get_the_same_weights_whatever_their_shots()
    {
        using var random = Generator.Seed(2);
        var learner = new MetaDiff { Steps = 20, FirstVariance = 1e-3, LastVariance = 0.2 };
        var theta = learner.Init(s_identity, random).To(DType.Float64);
        var (items, off) = (random.Normal([3, 3], dtype: DType.Float64), random.Normal([3, 3], dtype: DType.Float64));
        var one = new Examples(items, Tensor.From([0L, 1, 2]), Ways: 3);
        var two = new Examples(Tensor.Cat([items + off, items - off]), Tensor.From([0L, 1, 2, 0, 1, 2]), Ways: 3);
        Tensor Logits(Examples support) => learner.Adapt(s_identity, theta, support, Generator.Seed(3)).Predict(off);
        MamlTests.AssertClose(Logits(one).ToArray<double>(), Logits(two).ToArray<double>(), 1e-9);
    }

    [Fact]
    public void Frozen_body_is_bit_identical_after_meta_training_and_the_denoiser_learns()
    {
        var model = new Conv4 { Height = 16, Width = 16, Filters = 4 };
        var training = new MetaTraining
        {
            Learner = new MetaDiff { Width = 16 }, Model = model, Tasks = new FewShotClassification(new SyntheticPool(9, 6, 1, 16, 16), 3, 2, 2),
            Settings = new() { Iterations = 5, MetaBatch = 2, Threads = 1, ValidateEvery = 0 },
        };
        var body = model.Init(Generator.Seed(9));
        var end = training.Run(training.Start(body)).State.Theta;
        var start = training.Start(body).Theta;
        Assert.Equal(body.Count + 24, end.Count);
        Assert.All(end, item => Assert.Equal(body.Contains(item.Key), item.Value.BitEquals(start[item.Key])));
        Assert.True(end.Where(body.Contains).BitEquals(body));
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        var support = Linear.Point([1, 2, 3], 0);
        Assert.Contains("class labels", Assert.Throws<ArgumentException>(
            () => new MetaDiff().Adapt(s_identity, Parameters.Empty, support, Generator.Seed(1))).Message, StringComparison.Ordinal);
        Assert.Contains("LastVariance", Assert.Throws<ArgumentOutOfRangeException>(() => new MetaDiff { LastVariance = 1 }).Message, StringComparison.Ordinal);
        Assert.Contains("Draws", Assert.Throws<ArgumentOutOfRangeException>(() => new MetaDiff { Draws = 0 }).Message, StringComparison.Ordinal);
    }

    private static Tensor Unit(Tensor like, int place) =>
        Tensor.From([.. Enumerable.Range(0, 320).Select(i => i == place ? 1.0 : 0)], 1, 320).To(like.DType);
}

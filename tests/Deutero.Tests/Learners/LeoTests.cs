using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class LeoTests
{
    private static readonly Mlp s_identity = new() { Inputs = 20, Hidden = [], Outputs = 0 };

    // Of length 1, as the learner makes its features.
    private static Episode Episode
    {
        get
        {
            var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);
            Examples Unit(Examples examples) => examples with { Inputs = examples.Inputs / examples.Inputs.Square().Sum([1], keepdim: true).Sqrt() };
            return new(Unit(episode.Support), Unit(episode.Query), "of length 1");
        }
    }

    // √(2 / (640 + 5)) = .0556846 is where an untrained decoder starts.
    [Fact]
    public void Spreads_at_zero_are_the_offset_or_the_least_one_and_none_is_infinite()
    {
        Assert.Equal(0.0556846, Leo.Spread(Tensor.From([0.0]), Math.Sqrt(2.0 / 645)).ToDouble(), 1e-7);
        Assert.Equal(1e-10, Leo.Spread(Tensor.From([0.0]), 0).ToDouble(), 1e-20);
        Assert.Equal(1e-10, Leo.Spread(Tensor.From([-1.0]), 0).ToDouble(), 1e-20);
        Assert.Equal(Math.Exp(3) - 1, Leo.Spread(Tensor.From([1000.0]), 0).ToDouble(), 1e-9);
    }

    // Cosine 1/√2 twice among four: (1/2 + 1/2) / 4.
    [Theory]
    [InlineData(new[] { 1.0, 0, 1, 1 }, 0.25)]
    [InlineData(new[] { 3.0, 0, 0, -2 }, 0)]
    public void Rows_of_the_decoder_are_penalised_for_their_cosines(double[] rows, double expected) =>
        Assert.Equal(expected, Leo.Obliqueness(Tensor.From(rows, 2, 2)).ToDouble(), 1e-12);

    // Before any step the weights of class n are the decoder's mean of its latents' mean: computed here pair by pair.
    [Fact]
    public void Before_the_first_step_it_is_what_the_pairs_decode_to()
    {
        const int Latents = 3;
        var learner = new Leo { Latents = Latents };
        var theta = learner.Init(s_identity, Generator.Seed(1)).To(DType.Float64).Under("leo");
        Tensor Relate(long i, long j)
        {
            var codes = Episode.Support.Inputs.Matmul(theta["encoder"]);
            var pair = Tensor.Cat([codes[i], codes[j]]).Reshape([1, -1]);
            return pair.Matmul(theta["relation1"]).Relu().Matmul(theta["relation2"]).Relu().Matmul(theta["relation3"]);
        }

        var labels = Episode.Support.Targets.ToArray<long>();
        var rows = Enumerable.Range(0, 3).Select(way =>
        {
            long[] own = [.. Enumerable.Range(0, 6).Where(i => labels[i] == way)];
            var mean = own.SelectMany(i => Enumerable.Range(0, 6).Select(j => Relate(i, j))).Aggregate((sum, next) => sum + next) / 12;
            return mean.Narrow(1, 0, Latents).Matmul(theta["decoder"]).Narrow(1, 0, 20);
        }).ToArray();
        var expected = Episode.Query.Inputs.Matmul(Tensor.Cat(rows).T());
        var path = learner.Adapt(s_identity, theta.Prefixed("leo"), Episode.Support, Generator.Seed(2)).Path;
        Assert.Equal(11, path.Count);
        MamlTests.AssertClose(expected.ToArray<double>(), path[0](Episode.Query.Inputs).ToArray<double>(), 1e-12);
    }

    // One step in the latents by finite differences of the support's loss, one in the weights by the softmax's gradient.
    [Fact]
    public void Steps_descend_in_the_latents_and_then_in_the_weights()
    {
        var learner = new Leo { Latents = 2, Steps = 1, InnerRate = 0.5, FineTuningSteps = 1, FineTuningRate = 0.1 };
        var theta = learner.Init(s_identity, Generator.Seed(1)).To(DType.Float64);
        var (descent, support) = (learner.Descent(s_identity, Episode.Support, noise: null), Episode.Support);
        var start = descent.Start(theta);
        Tensor Weights(Tensor latents) => latents.Matmul(theta["leo.decoder"]).Narrow(1, 0, 20);
        double Loss(double[] latents) =>
            Objectives.CrossEntropy(support.Inputs.Matmul(Weights(Tensor.From(latents, 3, 2)).T()), support).ToDouble();
        var z = start["latents"].ToArray<double>();
        var slope = z.Select((_, i) => (Loss([.. z.Select((v, j) => j == i ? v + 1e-6 : v)]) - Loss([.. z.Select((v, j) => j == i ? v - 1e-6 : v)])) / 2e-6).ToArray();
        var moved = descent.Step(theta, start, 0, constant: false);
        MamlTests.AssertClose([.. z.Zip(slope, (value, g) => value - (0.5 * g))], moved["latents"].ToArray<double>(), 1e-7);
        var weights = Weights(moved["latents"]);
        var errors = (support.Inputs.Matmul(weights.T()).Softmax(-1) - support.OneHot()) / 6;
        MamlTests.AssertClose(
            (weights - (0.1 * errors.T().Matmul(support.Inputs))).ToArray<double>(), descent.Step(theta, moved, 1, constant: false)["weights"].ToArray<double>(), 1e-7);
    }

    [Fact]
    public void New_task_has_means_and_meta_training_samples()
    {
        var learner = new Leo { Latents = 4 };
        var theta = learner.Init(s_identity, Generator.Seed(1)).To(DType.Float64);
        Tensor Adapted(ulong seed) => learner.Adapt(s_identity, theta, Episode.Support, Generator.Seed(seed)).Predict(Episode.Query.Inputs);
        Tensor Trained(ulong seed) => learner.MetaGradient(s_identity, theta, Episode, Generator.Seed(seed)).Predictions;
        Assert.True(Adapted(1).BitEquals(Adapted(2)));
        Assert.False(Trained(1).BitEquals(Trained(2)));
    }

    // log q − log p of N(z; μ, σ²) and N(z; 0, 1) at z = μ + σ ε, averaged.
    [Fact]
    public void Divergence_is_estimated_from_the_sample()
    {
        var learner = new Leo { Latents = 4 };
        var theta = learner.Init(s_identity, Generator.Seed(1)).To(DType.Float64);
        var none = learner.Descent(s_identity, Episode.Support, noise: null).Start(theta);
        var noise = learner.Noise(theta, Episode.Support, Generator.Seed(2));
        var sampled = learner.Descent(s_identity, Episode.Support, noise).Start(theta);
        var (mean, drawn, z) = (none["latents"].ToArray<double>(), noise.Latents.ToArray<double>(), sampled["latents"].ToArray<double>());
        var terms = z.Select((value, i) =>
        {
            var spread = Math.Max(1e-10, (value - mean[i]) / drawn[i]);
            return (-drawn[i] * drawn[i] / 2) - Math.Log(spread) + (value * value / 2);
        });
        Assert.Equal(terms.Average(), sampled["divergence"].ToDouble(), 1e-4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frozen_body_has_no_meta_gradient(bool frozen)
    {
        var (learner, model) = (new Leo { Latents = 4, FrozenBody = frozen }, new Mlp { Inputs = 20, Hidden = [8], Outputs = 0 });
        var direction = learner.MetaGradient(model, learner.Init(model, Generator.Seed(1)).To(DType.Float64), Episode, Generator.Seed(2)).Direction;
        Assert.Equal(frozen, direction["linear1.weight"].Abs().Sum().ToDouble() == 0);
        Assert.NotEqual(0, direction["leo.rates.latents"].Abs().Sum().ToDouble());
        Assert.NotEqual(0, direction["leo.rates.weights"].Abs().Sum().ToDouble());
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        var (support, random, model) = (Linear.Point([1], 0), Generator.Seed(1), new Linear(1, 1));
        var theta = new Leo().Init(model, random);
        Assert.Contains("class labels", Assert.Throws<ArgumentException>(() => new Leo().Adapt(model, theta, support, random)).Message, StringComparison.Ordinal);
        Assert.Contains("Latents", Assert.Throws<ArgumentOutOfRangeException>(() => new Leo { Latents = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("FineTuningSteps", Assert.Throws<ArgumentOutOfRangeException>(() => new Leo { FineTuningSteps = -1 }).Message, StringComparison.Ordinal);
        Assert.Contains("DivergenceWeight", Assert.Throws<ArgumentOutOfRangeException>(() => new Leo { DivergenceWeight = -1 }).Message, StringComparison.Ordinal);
    }
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class VersaTests
{
    private static readonly double s_floor = Math.Exp(-10); // the smallest variance, here the bias's

    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [8], Outputs = 0 };

    // Means −.5 = .5·1 − .5·2 and .75 = .25·1 + .25·2; variances e⁰·1 + e⁻²·4 and e⁻¹·1 + e⁻¹·4.
    [Fact]
    public void Moments_of_the_logits_are_those_worked_out_by_hand()
    {
        var none = Tensor.Zeros([2, 1], DType.Float64);
        var (mean, variance) = Versa.Logits(
            Tensor.From([1.0, 2], 1, 2),
            (Tensor.From([0.5, -0.5, 0.25, 0.25], 2, 2), Tensor.From([0.0, -2, -1, -1], 2, 2)),
            (none, none - 1000));
        MamlTests.AssertClose([-0.5, 0.75], mean.ToArray<double>(), 1e-12);
        MamlTests.AssertClose([1.541341 + s_floor, 1.839397 + s_floor], variance.ToArray<double>(), 1e-6);
    }

    [Fact]
    public void Without_noise_it_is_a_linear_classifier()
    {
        var (logits, zeros) = (Tensor.From([1.0, -0.5, 0.25, 2, 0, -1], 2, 3), Tensor.Zeros([4, 1, 3], DType.Float64));
        var actual = Versa.LogProbabilities(logits, logits.OnesLike(), zeros);
        MamlTests.AssertClose(logits.LogSoftmax(-1).ToArray<double>(), actual.ToArray<double>(), 1e-12);
    }

    [Fact]
    public void One_sample_is_the_log_softmax_of_its_logits()
    {
        var (mean, variance, noise) = (Tensor.From([1.0, 2], 1, 2), Tensor.From([4.0, 9], 1, 2), Tensor.From([0.5, -1], 1, 1, 2));
        MamlTests.AssertClose(
            [-Math.Log(1 + Math.Exp(-3)), -Math.Log(1 + Math.Exp(3))], Versa.LogProbabilities(mean, variance, noise).ToArray<double>(), 1e-12); // logits 2 and −1
    }

    // Two classes: the difference of the logits is Gaussian with mean 1 and variance 2 + 1, and E sigmoid is an integral in one dimension.
    [Fact]
    public void Many_samples_give_the_expected_probability()
    {
        var (mean, variance) = (Tensor.From([1.5, 0.5], 1, 2), Tensor.From([2.0, 1], 1, 2));
        var sampled = Versa.LogProbabilities(mean, variance, Generator.Seed(1).Normal([200_000, 1, 2], dtype: DType.Float64)).Exp().ToArray<double>();
        var grid = Enumerable.Range(-8000, 16001).Select(i => i / 1000.0).ToArray();
        var expected = grid.Sum(x => Math.Exp(-x * x / 2) / (1 + Math.Exp(-(1 + (Math.Sqrt(3) * x))))) / grid.Sum(x => Math.Exp(-x * x / 2));
        Assert.Equal(expected, sampled[0], 4e-3);
        Assert.Equal(1, sampled.Sum(), 1e-12);
    }

    // Jensen's inequality: −log of a mean is no more than the mean of −log.
    [Fact]
    public void Expected_loss_falls_with_the_number_of_samples()
    {
        using var random = Generator.Seed(2);
        var (mean, variance) = (Tensor.From([0.5, 0], 1, 2), Tensor.From([4.0, 4], 1, 2));
        double Loss(int samples) => Enumerable.Range(0, 2000)
            .Average(_ => -Versa.LogProbabilities(mean, variance, random.Normal([samples, 1, 2], dtype: DType.Float64)).ToArray<double>()[0]);
        var (one, three, many) = (Loss(1), Loss(3), Loss(30));
        Assert.True(one > three + 0.05 && three > many + 0.05, $"{one}, {three}, {many}");
    }

    // With one sample, log p_0 − log p_1 is the difference of two logits. The first two numbers of a generator are the same, however many follow.
    [Fact]
    public void Classifier_of_a_class_is_unchanged_when_another_class_is_removed()
    {
        var learner = new Versa { Samples = 1 };
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);
        var two = new Examples(episode.Support.Inputs[0..4], episode.Support.Targets[0..4], Ways: 2);
        double[] Odds(Examples support)
        {
            var predictions = learner.Adapt(s_model, theta, support, Generator.Seed(4)).Predict(episode.Query.Inputs);
            return (predictions.Narrow(1, 0, 1) - predictions.Narrow(1, 1, 1)).ToArray<double>();
        }

        MamlTests.AssertClose(Odds(episode.Support), Odds(two), 1e-12);
    }

    [Fact]
    public void What_was_learned_with_five_classes_serves_twenty()
    {
        var learner = new Versa { Width = 4 };
        var theta = learner.Init(s_model, Generator.Seed(1));
        foreach (var ways in new[] { 5, 20 })
        {
            var episode = new Nuisance20(ways, 1, 1).Sample(Generator.Seed(3));
            var predictions = learner.Adapt(s_model, theta, episode.Support, Generator.Seed(4)).Predict(episode.Query.Inputs);
            Assert.Equal([ways, ways], predictions.Shape);
            MamlTests.AssertClose([.. Enumerable.Repeat(1.0, ways)], predictions.To(DType.Float64).Exp().Sum([1]).ToArray<double>(), 1e-5);
        }
    }

    // The mean pooling of features that were normalised together with the queries, computed here in one batch.
    [Fact]
    public void Under_the_episode_policy_the_support_is_normalised_with_the_queries()
    {
        var (learner, model) = (new Versa { Width = 4, Samples = 3 }, new Conv4 { Height = 16, Width = 16, Filters = 4, BatchNorm = BatchNormPolicy.Episode });
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
        var episode = new FewShotClassification(new SyntheticPool(9, 6, 1, 16, 16), 3, 2, 2).Sample(Generator.Seed(5)).To(DType.Float64);
        var features = model.Forward(theta, Tensor.Cat([episode.Support.Inputs, episode.Query.Inputs]));
        var identity = new Mlp { Inputs = 4, Hidden = [], Outputs = 0 };
        var expected = learner.Adapt(identity, theta, episode.Support with { Inputs = features[0..6] }, Generator.Seed(4))
            .Predict(features[6..12]);
        var actual = learner.Adapt(model, theta, episode.Support, Generator.Seed(4)).Predict(episode.Query.Inputs);
        MamlTests.AssertClose(expected.ToArray<double>(), actual.ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        var (support, random) = (Linear.Point([1], 0), Generator.Seed(1));
        var theta = new Versa().Init(new Linear(1, 1), random);
        Assert.Contains("class labels", Assert.Throws<ArgumentException>(() => new Versa().Adapt(new Linear(1, 1), theta, support, random)).Message, StringComparison.Ordinal);
        Assert.Contains("Width", Assert.Throws<ArgumentOutOfRangeException>(() => new Versa { Width = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("InitialLogVariance", Assert.Throws<ArgumentOutOfRangeException>(() => new Versa { InitialLogVariance = 6 }).Message, StringComparison.Ordinal);
        Assert.Contains("Samples", Assert.Throws<ArgumentOutOfRangeException>(() => new Versa { Samples = 0 }).Message, StringComparison.Ordinal);
    }
}

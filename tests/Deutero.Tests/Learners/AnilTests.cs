using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class AnilTests
{
    // f(x) = v relu(u x) + c with u = 1, v = 2, c = 0; support (1, 0), query (1, 1), α = .1, half the squared error. One step: v' = 1.8, c' = −.2,
    // f = 1.6, L = .18. With h = u x: df/dh = v' − α (2vh + c) − αv = 1.2, df/dv = h (1 − αh²) − αh = .8, df/dc = −αh² + 1 − α = .8.
    [Fact]
    public void Meta_gradient_of_a_network_of_four_numbers_is_that_worked_out_by_hand()
    {
        var anil = new Anil { InnerRate = 0.1, Steps = 1, Objective = Linear.HalfSquare };
        var result = anil.MetaGradient(Tiny, TinyTheta, new(Linear.Point([1], 0), Linear.Point([1], 1), "by hand"), Generator.Seed(1));
        Assert.Equal(0.18, result.Loss.ToDouble(), 1e-12);
        MamlTests.AssertClose([0.72, 0.72, 0.48, 0.48], result.Direction.Flatten().ToArray<double>());
    }

    // One step from a head of zeros with the mean loss: row k is (α / NK) Σ (1[y = k] − 1/N) z, which classifies by prototypes.
    [Fact]
    public void One_step_from_a_head_of_zeros_is_a_classifier_by_prototypes()
    {
        using var random = Generator.Seed(3);
        var model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 5 };
        var theta = model.Init(random).Map((name, leaf) => name.StartsWith("linear2", StringComparison.Ordinal) ? leaf.ZerosLike() : leaf).To(DType.Float64);
        var episode = new Nuisance20(5, 2, 3).Sample(random).To(DType.Float64);
        var body = model with { Outputs = 0 };
        var membership = episode.Support.OneHot() - 0.2; // 1[y = k] − 1/N, [NK, N]
        var weight = 0.7 / 10 * membership.T().Matmul(body.Forward(theta, episode.Support.Inputs));
        var expected = body.Forward(theta, episode.Query.Inputs).Matmul(weight.T());
        var actual = new Anil { InnerRate = 0.7, Steps = 1 }.Adapt(model, theta, episode.Support, random).Predict(episode.Query.Inputs);
        MamlTests.AssertClose(expected.ToArray<double>(), actual.ToArray<double>(), 1e-12);
    }

    // The definition, without the shortcut: the whole model in every step, and a gradient that is dropped but for the head's.
    [Theory]
    [InlineData(BatchNormPolicy.Split)]
    [InlineData(BatchNormPolicy.Episode)]
    public void Steps_on_features_are_steps_of_the_whole_model_that_change_the_head_alone(BatchNormPolicy policy)
    {
        var model = new Conv4 { Height = 16, Width = 16, Filters = 4, Outputs = 3, BatchNorm = policy };
        var theta = model.Init(Generator.Seed(4)).To(DType.Float64);
        var episode = new FewShotClassification(new SyntheticPool(9, 6, 1, 16, 16), 3, 2, 2).Sample(Generator.Seed(5)).To(DType.Float64);
        var expected = Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters =>
        {
            var phi = parameters;
            for (var step = 0; step < 3; step++)
            {
                var gradient = Transforms.Grad(at => Objectives.CrossEntropy(model.Forward(at, episode.Support.Inputs), episode.Support), phi);
                phi = phi.With((phi - (0.4 * gradient)).Where(name => name.StartsWith("head", StringComparison.Ordinal)));
            }

            return inputs => Episodic.ForwardBeside(model, phi, episode.Support.Inputs, inputs);
        });
        var actual = new Anil { InnerRate = 0.4, Steps = 3 }.MetaGradient(model, theta, episode, Generator.Seed(1));
        MamlTests.AssertClose(expected.Direction.Flatten().ToArray<double>(), actual.Direction.Flatten().ToArray<double>(), 1e-10);
        MamlTests.AssertClose(expected.Predictions.ToArray<double>(), actual.Predictions.ToArray<double>(), 1e-10);
    }

    [Fact]
    public void Adaptation_has_a_predictor_before_and_after_each_step()
    {
        var (model, random) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 5 }, Generator.Seed(3));
        var (theta, episode) = (model.Init(random), new Nuisance20(5, 1, 3).Sample(random));
        var adaptation = new Anil { Steps = 2, EvaluationSteps = 4 }.Adapt(model, theta, episode.Support, random);
        Assert.Equal(5, adaptation.Path.Count);
        Assert.True(adaptation.Path[0](episode.Query.Inputs).BitEquals(model.Forward(theta, episode.Query.Inputs)));
        Assert.False(adaptation.Predict(episode.Query.Inputs).BitEquals(adaptation.Path[3](episode.Query.Inputs)));
    }

    [Fact]
    public void Model_without_a_last_linear_layer_is_refused_by_the_names_of_its_parameters()
    {
        var refusal = Assert.Throws<ArgumentException>(() => new Linear(1, 1).Run(new Anil(), Linear.Point([1], 0), Linear.Point([1], 1)));
        Assert.Contains("but these are w", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("InnerRate", Assert.Throws<ArgumentOutOfRangeException>(() => new Anil { InnerRate = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("Steps", Assert.Throws<ArgumentOutOfRangeException>(() => new Anil { Steps = 0 }).Message, StringComparison.Ordinal);
    }

    private static Mlp Tiny => new() { Inputs = 1, Hidden = [1], Outputs = 1 };

    private static Parameters TinyTheta => Tiny.Init(Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => leaf.ZerosLike() + name switch
    {
        "linear1.weight" => 1.0,
        "linear2.weight" => 2.0,
        _ => 0.0,
    });
}

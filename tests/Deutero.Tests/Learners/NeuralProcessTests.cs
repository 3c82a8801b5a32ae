using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class NeuralProcessTests
{
    private static readonly Mlp s_model = new() { Hidden = [], Outputs = 0 };
    private static readonly GaussianProcesses s_functions = new() { Shots = 5, Queries = 4 };

    public static TheoryData<IMetaLearner> Processes => new()
    {
        new ConditionalNeuralProcess { Width = 8 },
        new LatentNeuralProcess { Width = 8, Latents = 3 },
        new AttentiveNeuralProcess { Width = 8, Heads = 2, Latents = 3 },
        new AttentiveNeuralProcess { Width = 8, Heads = 2, Latents = 0 },
    };

    // KL(N(1, 2²) || N(0, 1)) = ½ (4 + 1 − 1 − ln 4), and 0 of a distribution from itself.
    [Fact]
    public void Divergence_is_that_worked_out_by_hand()
    {
        var (q, p) = ((Tensor.Of(1, DType.Float64), Tensor.Of(2, DType.Float64)), (Tensor.Of(0, DType.Float64), Tensor.Of(1, DType.Float64)));
        Assert.Equal(0.5 * (4 - Math.Log(4)), NeuralProcess.Divergence(q, p).ToDouble(), 1e-12);
        Assert.Equal(0, NeuralProcess.Divergence(q, q).ToDouble(), 1e-12);
    }

    // −½ ¼ − ½ ln 2π − ln 2 of a value half a deviation of 2 away.
    [Fact]
    public void Log_likelihood_is_that_worked_out_by_hand()
    {
        var value = Tensor.From([1.0], 1, 1);
        var likelihood = NeuralProcess.LogLikelihood(value.ZerosLike(), value.FullLike(2), value).ToDouble();
        Assert.Equal(-0.125 - (0.5 * Math.Log(2 * Math.PI)) - Math.Log(2), likelihood, 1e-12);
    }

    [Theory]
    [MemberData(nameof(Processes))]
    public void Order_of_the_context_does_not_matter_and_deviations_stay_above_the_floor(IMetaLearner learner)
    {
        var (theta, episode) = (learner.Init(s_model, Generator.Seed(1)).To(DType.Float64), s_functions.Sample(Generator.Seed(2)).To(DType.Float64));
        var order = Tensor.From([3L, 0, 4, 1, 2]);
        var shuffled = episode.Support with { Inputs = episode.Support.Inputs.IndexSelect(0, order), Targets = episode.Support.Targets.IndexSelect(0, order) };
        var (first, second) = (Of(learner, theta, episode.Support, episode.Query.Inputs), Of(learner, theta, shuffled, episode.Query.Inputs));
        MamlTests.AssertClose(first.Mean.ToArray<double>(), second.Mean.ToArray<double>(), 1e-12);
        MamlTests.AssertClose(first.Deviation.ToArray<double>(), second.Deviation.ToArray<double>(), 1e-12);
        Assert.All(first.Deviation.ToArray<double>(), deviation => Assert.InRange(deviation, 0.1, 10));
        MamlTests.AssertClose(
            first.Mean.ToArray<double>(), learner.Adapt(s_model, theta, episode.Support, Generator.Seed(3)).Predict(episode.Query.Inputs).ToArray<double>(), 1e-12);
    }

    // Attention to a single point is 1, so that every target gets what the mean over the points is: the point's own value.
    [Fact]
    public void One_point_says_the_same_to_every_target()
    {
        var learner = new AttentiveNeuralProcess { Width = 8, Heads = 2, Latents = 0 };
        var weights = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64).Under("process");
        var point = new NeuralProcess.Points(Tensor.From([0.5], 1, 1), Linear.Point([0.5], 2));
        var seen = new NeuralProcess(8, 4, 3, 1, 0.1, Heads: 2).Represent(weights, point, Tensor.From([-1.0, 0, 3], 3, 1)).ToArray<double>();
        MamlTests.AssertClose(seen[..8], seen[8..16], 1e-12);
        MamlTests.AssertClose(seen[..8], seen[16..], 1e-12);
    }

    // What stands beside the points of a class is no more than the others in the softmax.
    [Theory]
    [MemberData(nameof(Processes))]
    public void Logit_of_a_class_is_unchanged_when_another_class_is_removed(IMetaLearner learner)
    {
        var model = new Mlp { Inputs = 20, Hidden = [6], Outputs = 0 };
        var (theta, episode) = (learner.Init(model, Generator.Seed(1)).To(DType.Float64), new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64));
        var two = new Examples(episode.Support.Inputs[0..4], episode.Support.Targets[0..4], Ways: 2);
        Tensor Logits(Examples support) => learner.Adapt(model, theta, support, Generator.Seed(4)).Predict(episode.Query.Inputs);
        MamlTests.AssertClose(Logits(episode.Support).Narrow(1, 0, 2).ToArray<double>(), Logits(two).ToArray<double>(), 1e-12);
    }

    [Theory]
    [MemberData(nameof(Processes))]
    public void Targets_of_another_width_are_refused(IMetaLearner learner)
    {
        var theta = learner.Init(s_model, Generator.Seed(1));
        var support = new Examples(Tensor.Zeros([2, 1]), Tensor.Zeros([2, 2]), Ways: 0);
        var error = Assert.Throws<ArgumentException>(() => learner.Adapt(s_model, theta, support, Generator.Seed(1)));
        Assert.Contains("Outputs should be 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Impossible_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConditionalNeuralProcess { Width = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LatentNeuralProcess { Latents = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new AttentiveNeuralProcess { Floor = 1 });
        Assert.Contains("multiple", Assert.Throws<ArgumentException>(() => new AttentiveNeuralProcess { Width = 10 }.Init(s_model, Generator.Seed(1))).Message, StringComparison.Ordinal);
    }

    internal static (Tensor Mean, Tensor Deviation) Of(IMetaLearner learner, Parameters theta, Examples support, Tensor inputs) => learner switch
    {
        ConditionalNeuralProcess process => process.Distribution(s_model, theta, support, inputs),
        LatentNeuralProcess process => process.Distribution(s_model, theta, support, inputs),
        AttentiveNeuralProcess process => process.Distribution(s_model, theta, support, inputs),
        _ => throw new ArgumentException("This is no neural process.", nameof(learner)),
    };
}

using Deutero.Learners;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

/// <summary>The learners that take a body as it is: a linear probe, Baseline++ and fine-tuning.</summary>
public sealed class FrozenBodyTests
{
    private static readonly Linear s_scalar = new(1, 1);

    private static Examples TwoPoints => new(Tensor.From([-1.0, 1], 2, 1), Tensor.From([0L, 1]), Ways: 2);

    public static TheoryData<IMetaLearner> Learners => new() { new LinearProbe(), new BaselinePlusPlus(), new FineTuning() };

    [Theory]
    [MemberData(nameof(Learners))]
    public void The_outer_loop_leaves_the_body_as_it_is(IMetaLearner learner)
    {
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(1)).To(DType.Float64);
        var model = new Linear(20, [.. Enumerable.Range(0, 60).Select(i => Math.Sin(i))]);
        var result = model.Run(learner, episode.Support, episode.Query);
        Assert.All(result.Direction.Flatten().ToArray<double>(), value => Assert.Equal(0, value));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Regression_is_refused(IMetaLearner learner) => Assert.Contains(
        "class labels", Assert.Throws<ArgumentException>(() => s_scalar.Run(learner, Linear.Point([1], 0), Linear.Point([1], 0))).Message, StringComparison.Ordinal);

    // Weights −w and w that minimise 2 log(1 + e^(−2w)) + w²: .521298.
    [Fact]
    public void Linear_probe_is_the_logistic_regression_of_two_points()
    {
        var logits = Logits(new LinearProbe { Steps = 1000 }, s_scalar, TwoPoints, [1]);
        MamlTests.AssertClose([-0.521298, 0.521298], logits, 1e-6);
    }

    [Fact]
    public void Linear_probe_of_a_great_penalty_knows_nothing() =>
        MamlTests.AssertClose([0, 0], Logits(new LinearProbe { Penalty = 1e6, Rate = 1e-6, Steps = 500 }, s_scalar, TwoPoints, [1]), 1e-5);

    [Fact]
    public void Linear_probe_without_a_penalty_separates_fewer_points_than_dimensions()
    {
        var support = new Examples(Generator.Seed(3).Normal([6, 8], dtype: DType.Float64), Tensor.From([0L, 1, 2, 0, 1, 2]), Ways: 3);
        var identity = new Linear(8, Tensor.Eye(8, DType.Float64).Reshape([-1]).ToArray<double>());
        var learner = new LinearProbe { Penalty = 0, Rate = 5, Steps = 200 };
        var logits = learner.Adapt(identity, identity.Init(Generator.Seed(1)), support, Generator.Seed(1)).Predict(support.Inputs);
        Assert.Equal(support.Targets.ToArray<long>(), logits.Argmax(-1).ToArray<long>());
    }

    // Weights e_0, e_1 and features e_0, e_1: the slope of w_0 is ½ p_0(e_1) · 2 (e_1 − 0 e_0) with p_0(e_1) = 1/(1 + e²), and there is no other.
    [Fact]
    public void One_step_of_baseline_plus_plus_is_that_worked_out_by_hand()
    {
        var (model, p) = (new Linear(2, 1, 0, 0, 1), 1 / (1 + Math.Exp(2)));
        var support = new Examples(Tensor.From([3.0, 0, 0, 5], 2, 2), Tensor.From([0L, 1]), Ways: 2);
        var norm = Math.Sqrt(1 + (p * p));
        MamlTests.AssertClose([0, 2], Logits(new BaselinePlusPlus { Steps = 0 }, model, support, [0, 1]), 1e-9);
        MamlTests.AssertClose([-2 * p / norm, 2 / norm], Logits(new BaselinePlusPlus { Steps = 1, Rate = 1 }, model, support, [0, 1]), 1e-9);
    }

    // Features 2x, class means 2 and −4, so weights 1 and −1. The first step of Adam moves every number by its rate, here .1, against its slope.
    [Fact]
    public void One_step_of_fine_tuning_moves_body_and_last_layer_by_the_rate()
    {
        var support = new Examples(Tensor.From([1.0, -2], 2, 1), Tensor.From([0L, 1]), Ways: 2);
        MamlTests.AssertClose([1, -1], Logits(new FineTuning { Steps = 0 }, new Linear(1, 2), support, [0.5]), 1e-9);
        var feature = 0.5 * 2.1;
        MamlTests.AssertClose(
            [(1.1 * feature) + 0.1, -(1.1 * feature) - 0.1], Logits(new FineTuning { Steps = 1, Rate = 0.1 }, new Linear(1, 2), support, [0.5]), 1e-5);
    }

    [Fact]
    public void Impossible_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearProbe { Penalty = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BaselinePlusPlus { Scale = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FineTuning { Steps = -1 });
    }

    private static double[] Logits(IMetaLearner learner, Linear model, Examples support, double[] query) =>
        learner.Adapt(model, model.Init(Generator.Seed(1)), support, Generator.Seed(1)).Predict(Tensor.From(query, 1, query.Length)).ToArray<double>();
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class InnerOptimiserTests
{
    // F1: h = 2, a = 0, g = 3, b = .5, θ = 1, α = .1.
    private static readonly Examples s_support = Linear.Point([Math.Sqrt(2)], 0);
    private static readonly Examples s_query = Linear.Point([Math.Sqrt(3)], Math.Sqrt(3) * 0.5);

    internal static InnerOptimiser[] All => [new InnerOptimiser.Sgd(), new InnerOptimiser.Momentum(), new InnerOptimiser.Adam { Epsilon = 1e-4 }];

    public static TheoryData<Type, InnerOptimiser> Choices => new(
        from type in new[] { typeof(Maml), typeof(Anil), typeof(Boil) } from optimiser in All select (type, optimiser));

    // μ = .5: m = 2, 2.6, 2.38 and φ = .8, .54, .302 times θ, and the meta-gradient is .302 g (.302 − b).
    [Fact]
    public void Momentum_down_a_parabola_is_that_worked_out_by_hand()
    {
        var result = Run(new InnerOptimiser.Momentum { Decay = 0.5 }, steps: 3);
        Assert.Equal(1.5 * 0.198 * 0.198, result.Loss.ToDouble(), 1e-12);
        Assert.Equal(0.302 * 3 * -0.198, result.Direction["w"].ToDouble(), 1e-12);
    }

    // The first step is α g / √(g² + ε) with g = hθ = 2, whose derivative is αh ε / (g² + ε)^1.5.
    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void First_step_of_adam_is_that_of_the_closed_form(double beta1)
    {
        var result = Run(new InnerOptimiser.Adam { Beta1 = beta1, Epsilon = 1 }, steps: 1);
        var phi = 1 - (0.2 / Math.Sqrt(5));
        Assert.Equal(1.5 * (phi - 0.5) * (phi - 0.5), result.Loss.ToDouble(), 1e-12);
        Assert.Equal(3 * (phi - 0.5) * (1 - (0.2 * Math.Pow(5, -1.5))), result.Direction["w"].ToDouble(), 1e-12);
    }

    // At θ = a the gradient is 0 in every step: with ε under the root the derivative of the first is 1 − αh/√ε, and nothing is infinite.
    [Fact]
    public void Adam_is_differentiable_where_the_gradient_is_zero()
    {
        var adam = new InnerOptimiser.Adam { Epsilon = 1e-4 };
        Assert.Equal(3 * -0.5 * (1 - (0.2 / 1e-2)), Run(adam, steps: 1, theta: 0).Direction["w"].ToDouble(), 1e-9);
        Assert.True(double.IsFinite(Run(adam, steps: 5, theta: 0).Direction["w"].ToDouble()));
    }

    // Units that never fire have gradients that are exactly 0, in every step.
    [Fact]
    public void Meta_gradient_of_adam_with_dead_units_is_that_of_finite_differences()
    {
        var model = new Mlp { Inputs = 20, Hidden = [6], Outputs = 3 };
        var theta = model.Init(Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name == "linear1.bias" ? leaf + Tensor.From([-100.0, -100, 100, 100, 100, 100]) : leaf);
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);
        var learner = new Maml { InnerOptimiser = new InnerOptimiser.Adam { Epsilon = 1e-4 }, InnerRate = 0.01, Steps = 3 };
        var direction = learner.MetaGradient(model, theta, episode, Generator.Seed(2)).Direction;
        Assert.All(direction["linear1.bias"].ToArray<double>()[..2], value => Assert.Equal(0, value));
        var along = Generator.Seed(4).Normal([theta.ElementCount], dtype: DType.Float64);
        double Loss(double by) => learner.MetaGradient(model, theta + (by * theta.Unflatten(along)), episode, Generator.Seed(2)).Loss.ToDouble();
        var expected = (Loss(1e-6) - Loss(-1e-6)) / 2e-6;
        Assert.Equal(1, (direction.Flatten() * along).Sum().ToDouble() / expected, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Choices))]
    public void Checkpointed_meta_gradient_is_the_full_one_and_the_predictions_are_those_of_adapting(Type type, InnerOptimiser optimiser)
    {
        var (model, episode) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 3 }, new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64));
        var theta = model.Init(Generator.Seed(1)).To(DType.Float64);
        var full = Learner(type, optimiser, new Unrolling.Full()).MetaGradient(model, theta, episode, Generator.Seed(2));
        var checkpointed = Learner(type, optimiser, new Unrolling.Checkpointed { Segment = 2 }).MetaGradient(model, theta, episode, Generator.Seed(2));
        MamlTests.AssertClose(full.Direction.Flatten().ToArray<double>(), checkpointed.Direction.Flatten().ToArray<double>(), 1e-12);
        var adapted = Learner(type, optimiser, new Unrolling.Full()).Adapt(model, theta, episode.Support, Generator.Seed(2));
        Assert.Equal(4, adapted.Path.Count);
        MamlTests.AssertClose(full.Predictions.ToArray<double>(), adapted.Predict(episode.Query.Inputs).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("Decay", Assert.Throws<ArgumentOutOfRangeException>(() => new InnerOptimiser.Momentum { Decay = 1 }).Message, StringComparison.Ordinal);
        Assert.Contains("Beta1", Assert.Throws<ArgumentOutOfRangeException>(() => new InnerOptimiser.Adam { Beta1 = -0.1 }).Message, StringComparison.Ordinal);
        Assert.Contains("Beta2", Assert.Throws<ArgumentOutOfRangeException>(() => new InnerOptimiser.Adam { Beta2 = 1 }).Message, StringComparison.Ordinal);
        Assert.Contains("Epsilon", Assert.Throws<ArgumentOutOfRangeException>(() => new InnerOptimiser.Adam { Epsilon = 0 }).Message, StringComparison.Ordinal);
    }

    private static MetaGradient Run(InnerOptimiser optimiser, int steps, double theta = 1) =>
        new Linear(1, theta).Run(new Maml { InnerRate = 0.1, Steps = steps, InnerOptimiser = optimiser, Objective = Linear.HalfSquare }, s_support, s_query);

    private static IMetaLearner Learner(Type type, InnerOptimiser optimiser, Unrolling unrolling) => type switch
    {
        _ when type == typeof(Maml) => new Maml { InnerRate = 0.05, Steps = 3, InnerOptimiser = optimiser, Unrolling = unrolling },
        _ when type == typeof(Anil) => new Anil { InnerRate = 0.05, Steps = 3, InnerOptimiser = optimiser, Unrolling = unrolling },
        _ => new Boil { InnerRate = 0.05, Steps = 3, InnerOptimiser = optimiser, Unrolling = unrolling },
    };
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

/// <summary>Plastic layers, whose change is fixed by a rule or decided by a signal of their own.</summary>
public sealed class PlasticityTests
{
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [6], Outputs = 3 };
    private static readonly Tensor s_rate = Tensor.Of(0.2, DType.Float64);

    private static Tensor Draw(int seed, params long[] shape) => Generator.Seed((ulong)seed).Normal(shape, dtype: DType.Float64);

    private static Deutero.Tasks.Episode Sample() => new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);

    // Hebb(t) = x y (1 − (1 − η)ᵗ) under constant activity.
    [Fact]
    public void Decay_approaches_the_product_of_activities_geometrically()
    {
        var (x, y, hebb) = (Tensor.From([0.5, -2], 1, 2), Tensor.From([3.0], 1, 1), Tensor.Zeros([1, 2], DType.Float64));
        for (var t = 1; t <= 5; t++)
        {
            hebb = new DifferentiablePlasticity().Next(hebb, s_rate, x, y);
            var grown = 1 - Math.Pow(0.8, t);
            MamlTests.AssertClose([1.5 * grown, -6 * grown], hebb.ToArray<double>(), 1e-12);
        }
    }

    // Under Oja's rule Hebb = x/y stays.
    [Fact]
    public void Ojas_rule_rests_where_it_should()
    {
        var (x, y) = (Tensor.From([0.5, -2], 1, 2), Tensor.From([4.0], 1, 1));
        var hebb = x / y;
        MamlTests.AssertClose(hebb.ToArray<double>(), new DifferentiablePlasticity { Rule = HebbianRule.Oja }.Next(hebb, s_rate, x, y).ToArray<double>(), 1e-12);
    }

    public static TheoryData<IMetaLearner> Layers => new() { new DifferentiablePlasticity(), new NeuromodulatedPlasticity(), new NeuromodulatedPlasticity { Retroactive = true } };

    [Theory]
    [MemberData(nameof(Layers))]
    public void Without_plasticity_it_is_the_model_behind_a_tanh(IMetaLearner learner)
    {
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name == "plastic.linear2.weight" ? leaf.ZerosLike() : leaf);
        var episode = Sample();
        var body = s_model with { Outputs = 0 };
        var expected = Tensor.Linear(body.Forward(theta, episode.Query.Inputs).Tanh(), theta["linear2.weight"], theta["linear2.bias"]);
        MamlTests.AssertClose(
            expected.ToArray<double>(), learner.Adapt(s_model, theta, episode.Support, Generator.Seed(2)).Predict(episode.Query.Inputs).ToArray<double>(), 1e-12);
    }

    // One example of each class under Oja's rule with η = 1: Hebb's rows are the examples' activities, whatever their order, so that with α = 1 logits
    // gain the products of activities.
    [Fact]
    public void Examples_are_remembered_whole_at_a_rate_of_one()
    {
        var learner = new DifferentiablePlasticity { Rule = HebbianRule.Oja };
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name.StartsWith("plastic.", StringComparison.Ordinal) ? leaf.OnesLike() : leaf);
        var episode = new Nuisance20(3, 1, 2).Sample(Generator.Seed(3)).To(DType.Float64);
        var body = s_model with { Outputs = 0 };
        var (support, query) = (body.Forward(theta, episode.Support.Inputs).Tanh(), body.Forward(theta, episode.Query.Inputs).Tanh());
        var expected = query.Matmul((theta["linear2.weight"] + support).T()) + theta["linear2.bias"];
        MamlTests.AssertClose(
            expected.ToArray<double>(), learner.Adapt(s_model, theta, episode.Support, Generator.Seed(2)).Predict(episode.Query.Inputs).ToArray<double>(), 1e-12);
    }

    private static (PlasticLayer Layer, Parameters Weights) Layer(NeuromodulatedPlasticity learner, double bias)
    {
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64)
            .Map((name, leaf) => name == "plastic.signal.bias" ? leaf.FullLike(bias) : name == "plastic.signal.weight" ? leaf.ZerosLike() : leaf);
        return (PlasticLayer.Of(s_model, theta, Sample().Support), theta.Under("plastic"));
    }

    // A signal of 0 teaches nothing, a constant one sums the products up, without decay.
    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Constant_signals_sum_up_what_was_active(double bias)
    {
        var learner = new NeuromodulatedPlasticity { Clip = 100 };
        var (layer, weights) = Layer(learner, bias);
        var rule = learner.Learn(layer, weights, classifies: true);
        var (hebb, trace) = (Tensor.Zeros([3, 6], DType.Float64), Tensor.Zeros([3, 6], DType.Float64));
        var expected = hebb;
        for (var t = 0; t < 4; t++)
        {
            var (x, y) = (Draw(t, 1, 6), Tensor.From([t == 0 ? 1.0 : 0, t == 1 ? 1 : 0, t > 1 ? 1 : 0], 3, 1));
            (hebb, trace) = rule(hebb, trace, x, y);
            expected += Math.Tanh(bias) * y * x;
        }

        MamlTests.AssertClose(expected.ToArray<double>(), hebb.ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Signal_acts_on_what_was_active_before_it_if_retroactive()
    {
        var learner = new NeuromodulatedPlasticity { Retroactive = true, Clip = 100 };
        var (layer, weights) = Layer(learner, 0.3);
        var (zeros, y) = (Tensor.Zeros([3, 6], DType.Float64), Tensor.From([1.0, 0, 0], 3, 1));
        var (first, trace) = learner.Learn(layer, weights, classifies: true)(zeros, zeros, Draw(1, 1, 6), y);
        var (second, _) = learner.Learn(layer, weights, classifies: true)(first, trace, Draw(1, 1, 6).ZerosLike(), y);
        MamlTests.AssertClose((0.5 * Math.Tanh(0.3) * y * Draw(1, 1, 6)).ToArray<double>(), first.ToArray<double>(), 1e-12);
        MamlTests.AssertClose((0.25 * Math.Tanh(0.3) * y * Draw(1, 1, 6)).ToArray<double>(), (second - first).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Hebbian_part_stays_within_the_clip()
    {
        var learner = new NeuromodulatedPlasticity { Clip = 0.1 };
        var (layer, weights) = Layer(learner, 5);
        var zeros = Tensor.Zeros([3, 6], DType.Float64);
        var (hebb, _) = learner.Learn(layer, weights, classifies: true)(zeros, zeros, 10 * Draw(1, 1, 6), Tensor.Ones([3, 1], DType.Float64));
        Assert.All(hebb.ToArray<double>(), value => Assert.Equal(0.1, Math.Abs(value), 1e-12));
    }

    [Fact]
    public void Impossible_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DifferentiablePlasticity { Rate = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new NeuromodulatedPlasticity { Clip = 0 });
    }
}

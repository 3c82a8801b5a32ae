using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class PlatipusTests
{
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [8], Outputs = 3 };

    private static Episode Episode => new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);

    // log 2 + (1/4 + 1) / 2 − 1/2.
    [Fact]
    public void Divergence_of_two_gaussians_is_that_of_the_closed_form()
    {
        var divergence = Platipus.Gaussian(One(1), One(Math.Log(0.5)), One(0), One(0));
        Assert.Equal(0.818147, divergence.ToDouble(), 1e-6);
        Assert.Equal(0, Platipus.Gaussian(One(3), One(0.5), One(3), One(0.5)).ToDouble(), 1e-12);
    }

    [Theory]
    [InlineData(typeof(Unrolling.Full))]
    [InlineData(typeof(Unrolling.Checkpointed))]
    [InlineData(typeof(Unrolling.FirstOrder))]
    public void Without_width_and_shift_it_is_maml(Type policy)
    {
        var unrolling = (Unrolling)Activator.CreateInstance(policy)!;
        var learner = new Platipus { InnerRate = 0.3, Steps = 2, Deviation = 1e-12, ShiftRate = 1e-12, DivergenceWeight = 0, Samples = 2, Unrolling = unrolling };
        var maml = new Maml { InnerRate = 0.3, Steps = 2, Unrolling = unrolling };
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        var mean = s_model.Init(Generator.Seed(1)).To(DType.Float64);
        var (expected, actual) = (maml.MetaGradient(s_model, mean, Episode, Generator.Seed(2)), learner.MetaGradient(s_model, theta, Episode, Generator.Seed(2)));
        MamlTests.AssertClose(
            expected.Direction.Flatten().ToArray<double>(), actual.Direction.Where(mean.Contains).Flatten().ToArray<double>(), 1e-8);
        MamlTests.AssertClose(
            maml.Adapt(s_model, mean, Episode.Support, Generator.Seed(2)).Predict(Episode.Query.Inputs).Softmax(-1).ToArray<double>(),
            learner.Adapt(s_model, theta, Episode.Support, Generator.Seed(2)).Predict(Episode.Query.Inputs).Exp().ToArray<double>(),
            1e-8);
    }

    // The divergence of a distribution from itself is 0, and so is its slope.
    [Fact]
    public void Prior_and_posterior_that_see_the_same_examples_do_not_diverge()
    {
        var same = Episode with { Query = Episode.Support };
        double[] Direction(double weight)
        {
            var learner = new Platipus { DivergenceWeight = weight };
            return learner.MetaGradient(s_model, learner.Init(s_model, Generator.Seed(1)).To(DType.Float64), same, Generator.Seed(2)).Direction.Flatten().ToArray<double>();
        }

        MamlTests.AssertClose(Direction(0), Direction(10), 1e-9);
    }

    [Fact]
    public void Widths_and_rates_are_meta_learned()
    {
        var learner = new Platipus();
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        var direction = learner.MetaGradient(s_model, theta, Episode, Generator.Seed(2)).Direction;
        Assert.All(["prior.linear1.weight", "posterior.linear1.weight", "rates.prior", "rates.posterior"],
            name => Assert.NotEqual(0, direction[name].Abs().Sum().ToDouble()));
    }

    [Fact]
    public void Samples_of_a_new_task_differ_by_the_prior_deviation()
    {
        var learner = new Platipus { Samples = 1, Deviation = 0.5 };
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        Tensor Before(ulong seed) => learner.Adapt(s_model, theta, Episode.Support, Generator.Seed(seed)).Path[0](Episode.Query.Inputs);
        Assert.False(Before(1).BitEquals(Before(2)));
        Assert.True(Before(1).BitEquals(Before(1)));
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("Samples", Assert.Throws<ArgumentOutOfRangeException>(() => new Platipus { Samples = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("Deviation", Assert.Throws<ArgumentOutOfRangeException>(() => new Platipus { Deviation = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("DivergenceWeight", Assert.Throws<ArgumentOutOfRangeException>(() => new Platipus { DivergenceWeight = -1 }).Message, StringComparison.Ordinal);
    }

    private static Parameters One(double value) => [new("x", Tensor.From([value]))];
}

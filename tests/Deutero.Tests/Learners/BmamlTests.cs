using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class BmamlTests
{
    // F1: h = 2, a = 0, g = 3, b = .5, θ = 1, ε = .1.
    private static readonly Examples s_support = Linear.Point([Math.Sqrt(2)], 0);
    private static readonly Examples s_query = Linear.Point([Math.Sqrt(3)], Math.Sqrt(3) * 0.5);

    // Particles 0 and 1 of N(0, 1): d = 1, h = 1 / log 2, so that k = exp(−log 2) = 1/2.
    [Fact]
    public void Two_particles_of_a_gaussian_move_as_worked_out_by_hand()
    {
        var (particles, h) = (Tensor.From([0.0, 1], 2, 1), 1 / Math.Log(2));
        Assert.Equal(h, SteinDescent.Bandwidth(Tensor.From([0.0, 1, 1, 0], 2, 2)).ToDouble(), 1e-12);
        MamlTests.AssertClose(
            [(-0.5 - (1 / h)) / 2, (-1 + (1 / h)) / 2], SteinDescent.Direction(particles, -particles).ToArray<double>(), 1e-12);
        MamlTests.AssertClose(
            [(-0.5 - (0.5 / h)) / 2, (-1 + (0.5 / h)) / 2], SteinDescent.Direction(particles, -particles, pull: 1).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Bandwidth_is_the_median_of_all_pairs()
    {
        var three = Tensor.From([0.0, 1, 9, 1, 0, 4, 9, 4, 0], 3, 3);
        Assert.Equal(4 / Math.Log(3), SteinDescent.Bandwidth(three).ToDouble(), 1e-12);
        var four = Tensor.From([0.0, 1, 9, 36, 1, 0, 4, 25, 9, 4, 0, 9, 36, 25, 9, 0], 4, 4);
        Assert.Equal(9 / Math.Log(4), SteinDescent.Bandwidth(four).ToDouble(), 1e-12);
    }

    [Fact]
    public void Repulsion_adds_up_to_nothing_and_the_order_of_particles_does_not_matter()
    {
        using var random = Generator.Seed(1);
        var (particles, slopes) = (random.Normal([4, 3], dtype: DType.Float64), random.Normal([4, 3], dtype: DType.Float64));
        MamlTests.AssertClose([0, 0, 0], SteinDescent.Direction(particles, slopes.ZerosLike()).Sum([0]).ToArray<double>(), 1e-12);
        var order = Tensor.From([2L, 0, 3, 1]);
        MamlTests.AssertClose(
            SteinDescent.Direction(particles, slopes).IndexSelect(0, order).ToArray<double>(),
            SteinDescent.Direction(particles.IndexSelect(0, order), slopes.IndexSelect(0, order)).ToArray<double>(),
            1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Particles_that_coincide_climb_their_own_slope(int count)
    {
        var direction = SteinDescent.Direction(Tensor.Ones([count, 2], DType.Float64) * 5, Tensor.Ones([count, 2], DType.Float64) * 7);
        MamlTests.AssertClose([.. Enumerable.Repeat(7.0, 2 * count)], direction.ToArray<double>(), 1e-12);
    }

    [Fact]
    public void One_particle_is_maml()
    {
        var (model, episode) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 3 }, new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64));
        var theta = model.Init(Generator.Seed(1)).To(DType.Float64);
        var maml = new Maml { InnerRate = 0.3, Steps = 2 }.MetaGradient(model, theta, episode, Generator.Seed(2));
        var alone = new Bmaml { Particles = 1, InnerRate = 0.3, Steps = 2, Loss = BmamlLoss.Likelihood }
            .MetaGradient(model, theta.Prefixed("particle0"), episode, Generator.Seed(2));
        Assert.Equal(maml.Loss.ToDouble(), alone.Loss.ToDouble(), 1e-12);
        MamlTests.AssertClose(maml.Direction.Flatten().ToArray<double>(), alone.Direction.Flatten().ToArray<double>(), 1e-12);
    }

    // φ = (1 − εh) θ = .8; on both examples the leader's slope is (hφ + g(φ − b)) / 2 = 1.25, so that it is ahead by .125, and the chaser loss has the
    // slope 2 · .125 · (1 − εh).
    [Fact]
    public void Chaser_loss_of_one_particle_does_not_differentiate_the_leader()
    {
        var (learner, model, random) = (new Bmaml { Particles = 1, InnerRate = 0.1, Objective = Linear.HalfSquare }, new Linear(1, 1), Generator.Seed(1));
        var result = learner.MetaGradient(model, learner.Init(model, random), new(s_support, s_query, "by hand"), random);
        Assert.Equal(0.2, result.Direction["particle0.w"].ToDouble(), 1e-12);
        Assert.Equal(3 * 0.09, result.Loss.ToDouble(), 1e-12); // of the predictions: g (.8 − .5)²
    }

    [Fact]
    public void Predictions_are_means_of_probabilities()
    {
        var learner = new Bmaml { Particles = 3, InnerRate = 0.1 };
        var (model, episode) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 3 }, new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64));
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
        var before = learner.Adapt(model, theta, episode.Support, Generator.Seed(2)).Path[0](episode.Query.Inputs);
        var expected = learner.Of(theta).Select(particle => model.Forward(particle, episode.Query.Inputs).Softmax(-1)).Aggregate((sum, next) => sum + next) / 3;
        MamlTests.AssertClose(expected.ToArray<double>(), before.Exp().ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("Particles", Assert.Throws<ArgumentOutOfRangeException>(() => new Bmaml { Particles = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("LeaderSteps", Assert.Throws<ArgumentOutOfRangeException>(() => new Bmaml { LeaderSteps = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("InnerRate", Assert.Throws<ArgumentOutOfRangeException>(() => new Bmaml { InnerRate = 0 }).Message, StringComparison.Ordinal);
    }
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class MetaSgdTests
{
    // h = 2, a = 0, g = 3, b = .5 at θ = 1, α = .1: φ = .8, L_Q = .135; dα = −∇L_S ∇L_Q = −2 · .9, dθ = .8 · .9.
    [Fact]
    public void Meta_gradient_of_a_parabola_is_that_of_the_closed_form()
    {
        var result = Run(new MetaSgd { Objective = Linear.HalfSquare }, new Linear(1, 1), [0.1],
            Linear.Point([Math.Sqrt(2)], 0), Linear.Point([Math.Sqrt(3)], Math.Sqrt(3) * 0.5));
        Assert.Equal(0.135, result.Loss.ToDouble(), 1e-9);
        MamlTests.AssertClose([0.72, -1.8], result.Direction.Flatten().ToArray<double>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Equal_rates_give_the_meta_gradient_of_maml(int steps)
    {
        var (model, theta, episode) = Setting();
        var sgd = new MetaSgd { SmallestRate = 0.2, GreatestRate = 0.2, Steps = steps };
        var actual = sgd.MetaGradient(model, Constant(theta, 0.2), episode, Generator.Seed(1));
        var expected = new Maml { InnerRate = 0.2, Steps = steps }.MetaGradient(model, theta, episode, Generator.Seed(1));
        Assert.Equal(expected.Loss.ToDouble(), actual.Loss.ToDouble(), 1e-12);
        MamlTests.AssertClose(expected.Direction.Flatten().ToArray<double>(), actual.Direction.Without("rates").Flatten().ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Rates_of_zero_are_moved_along_the_product_of_the_two_gradients()
    {
        var (model, theta, episode) = Setting();
        Parameters Slope(Examples examples) => Transforms.Grad(at => Objectives.CrossEntropy(model.Forward(at, examples.Inputs), examples), theta);
        var expected = -1 * (Slope(episode.Support) * Slope(episode.Query));
        var actual = new MetaSgd().MetaGradient(model, Constant(theta, 0), episode, Generator.Seed(1)).Direction.Under("rates");
        MamlTests.AssertClose(expected.Flatten().ToArray<double>(), actual.Flatten().ToArray<double>(), 1e-12);
    }

    // L_S = L_Q = ½ Σ h_i (θ_i − a_i)²: rates 1/h_i are a Newton step.
    [Fact]
    public void Newtons_rates_are_stationary_on_a_diagonal_parabola()
    {
        var examples = new Examples(Tensor.From([2.0, 0, 0, 1], 2, 2), Tensor.From([3.0, 5], 2, 1), Ways: 0);
        var result = Run(new MetaSgd { Objective = Linear.HalfSquare }, new Linear(2, 1, -1), [2.0 / 4, 2.0], examples, examples);
        MamlTests.AssertClose([0, 0, 0, 0], result.Direction.Flatten().ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Rates_start_uniformly_within_their_bounds()
    {
        var theta = new MetaSgd().Init(new Mlp(), Generator.Seed(1));
        var rates = theta.Under("rates").Flatten().ToArray<float>();
        Assert.Equal(theta.Without("rates").ElementCount, rates.Length);
        Assert.All(rates, rate => Assert.InRange(rate, 0.005f, 0.1f));
        Assert.InRange(rates.Average(), 0.050f, 0.055f); // .0525 ± 4 standard errors
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("SmallestRate", Assert.Throws<ArgumentOutOfRangeException>(() => new MetaSgd { SmallestRate = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("Steps", Assert.Throws<ArgumentOutOfRangeException>(() => new MetaSgd { Steps = 0 }).Message, StringComparison.Ordinal);
    }

    private static MetaGradient Run(MetaSgd learner, Linear model, double[] rates, Examples support, Examples query)
    {
        var theta = model.Init(Generator.Seed(1));
        return learner.MetaGradient(
            model, theta.With([new("rates.w", Tensor.From(rates, rates.Length, 1))]), new(support, query, "by hand"), Generator.Seed(1));
    }

    private static Parameters Constant(Parameters theta, double rate) => theta.With(theta.Map(leaf => leaf.ZerosLike() + rate).Prefixed("rates"));

    private static (IModel Model, Parameters Theta, Episode Episode) Setting()
    {
        using var random = Generator.Seed(2);
        var model = new Mlp { Inputs = 20, Hidden = [6], Outputs = 5, Activation = Activation.Tanh };
        return (model, model.Init(random).To(DType.Float64), new Nuisance20(5, 2, 2).Sample(random).To(DType.Float64));
    }
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class SharpMamlTests
{
    private static readonly SharpMaml s_learner = new() { InnerRate = 0.1, Objective = Linear.HalfSquare };

    // L = (a² + 2 b²)/2 at (3, 4), ρ = .1: ε = .1 (3, 8)/√73, and the gradient at the shifted point is (a + ε₁, 2 (b + ε₂)). The support is solved, so
    // that no inner step moves: what is seen is the outer level alone.
    [Fact]
    public void Outer_direction_of_a_paraboloid_is_that_worked_out_by_hand()
    {
        var query = new Examples(Tensor.From([Math.Sqrt(2), 0, 0, 2], 2, 2), Tensor.From([0.0, 0], 2, 1), Ways: 0);
        var result = new Linear(2, 3, 4).Run(s_learner with { InnerRadius = 0, OuterRadius = 0.1 }, Linear.Point([0, 0], 0), query);
        MamlTests.AssertClose([3.035112, 8.187266], result.Direction["w"].ToArray<double>(), 1e-6);
        Assert.Equal(20.5, result.Loss.ToDouble(), 1e-12);
    }

    // h = 2, a = 0, g = 3, b = .5, θ = 1, α = .1, ρ = .1: ∇L_S(θ + ε) = 2 (1 + .1), φ = 1 − .22 = .78, L_Q = 1.5 (.28)², and with ε a constant
    // dφ/dθ = 1 − αh = .8: the direction is .8 · 3 · .28 = .672. In one dimension the derivative of ε = ρ sign(g) is 0, too.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Inner_step_of_a_parabola_is_that_worked_out_by_hand(bool through)
    {
        var learner = s_learner with { InnerRadius = 0.1, OuterRadius = 0, ThroughPerturbation = through };
        var result = new Linear(1, 1).Run(learner, Linear.Point([Math.Sqrt(2)], 0), Linear.Point([Math.Sqrt(3)], 0.5 * Math.Sqrt(3)));
        Assert.Equal(1.5 * 0.28 * 0.28, result.Loss.ToDouble(), 1e-12);
        Assert.Equal(0.672, result.Direction["w"].ToDouble(), 1e-12);
    }

    [Fact]
    public void Without_radii_it_is_maml_bit_for_bit()
    {
        var (model, episode) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 3 }, new Nuisance20(3, 2, 2).Sample(Generator.Seed(1)));
        var theta = model.Init(Generator.Seed(2));
        var sharp = new SharpMaml { InnerRadius = 0, OuterRadius = 0, Steps = 2 }.MetaGradient(model, theta, episode, Generator.Seed(3));
        var maml = new Maml { Steps = 2 }.MetaGradient(model, theta, episode, Generator.Seed(3));
        Assert.All(sharp.Leaves.Zip(maml.Leaves), pair => Assert.True(pair.First.BitEquals(pair.Second)));
    }

    [Fact]
    public void Gradient_of_zero_perturbs_nothing()
    {
        var result = new Linear(1, 1).Run(s_learner with { ThroughPerturbation = true }, Linear.Point([0], 0), Linear.Point([0], 0));
        Assert.Equal(0, result.Direction["w"].ToDouble());
    }

    // With the perturbations in the graph and none outside, the direction is the gradient of what is reported.
    [Fact]
    public void Through_its_perturbations_the_direction_is_the_gradient_of_the_loss()
    {
        var (model, episode) = (new Mlp { Inputs = 20, Hidden = [4], Outputs = 3, Activation = Activation.Tanh }, new Nuisance20(3, 2, 2).Sample(Generator.Seed(1)).To(DType.Float64));
        var (theta, learner) = (model.Init(Generator.Seed(2)).To(DType.Float64), new SharpMaml { OuterRadius = 0, ThroughPerturbation = true, Steps = 2 });
        var towards = theta.Map(leaf => Generator.Seed(4).Normal([.. leaf.Shape], dtype: DType.Float64));
        double Loss(double along) => learner.MetaGradient(model, theta + (along * towards), episode, Generator.Seed(3)).Loss.ToDouble();
        var slope = learner.MetaGradient(model, theta, episode, Generator.Seed(3)).Direction.Dot(towards).ToDouble();
        Assert.Equal((Loss(1e-5) - Loss(-1e-5)) / 2e-5, slope, 1e-6 * Math.Abs(slope));
        var constant = (learner with { ThroughPerturbation = false }).MetaGradient(model, theta, episode, Generator.Seed(3)).Direction.Dot(towards).ToDouble();
        Assert.NotEqual(slope, constant, 1e-3 * Math.Abs(slope));
    }
}

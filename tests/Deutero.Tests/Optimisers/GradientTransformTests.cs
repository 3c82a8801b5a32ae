using Deutero.Optimisers;
using Deutero.Torch;

namespace Deutero.Tests.Optimisers;

public sealed class GradientTransformTests
{
    [Fact]
    public void Sgd_subtracts_the_rate_times_the_gradient() => AssertPath(GradientTransform.Sgd(0.1), [1, -2], 5, [4.9, 5.1]);

    // Velocities 1, 0.9 − 2 = −1.1, −0.99 + 0.5 = −0.49.
    [Fact]
    public void Momentum_accumulates_a_decaying_sum() =>
        AssertPath(GradientTransform.Chain(GradientTransform.Momentum(0.9), GradientTransform.Sgd(0.1)), [1, -2, 0.5], 0, [-0.1, 0.01, 0.059]);

    // Step 1: m̂ = 1, v̂ = 1. Step 2: m̂ = −.11/.19, v̂ = .004999/.001999. Step 3: m̂ = −.049/.271, v̂ = .005244001/.002997001.
    [Fact]
    public void Adam_follows_the_sequence_computed_by_hand()
    {
        var first = -0.1 / (1 + 1e-8);
        var second = first - (0.1 * (-0.11 / 0.19) / (Math.Sqrt(0.004999 / 0.001999) + 1e-8));
        var third = second - (0.1 * (-0.049 / 0.271) / (Math.Sqrt(0.005244001 / 0.002997001) + 1e-8));
        AssertPath(GradientTransform.Adam(0.1), [1, -2, 0.5], 0, [first, second, third]);
    }

    // The decay 0.1 · 0.5 · θ is added to Adam's first step of length 0.1.
    [Fact]
    public void Adamw_decays_the_parameters_beside_adams_step() =>
        AssertPath(GradientTransform.AdamW(Schedules.Constant(0.1), 0.5), [3], 2, [2 - (0.1 / (1 + (1e-8 / 3))) - (0.1 * 0.5 * 2)]);

    [Fact]
    public void Clipping_by_norm_scales_all_leaves_together_and_leaves_short_updates()
    {
        Parameters updates = [new("a", Tensor.From([3.0])), new("b", Tensor.From([4.0]))];
        var clip = GradientTransform.ClipByNorm(1);
        var (clipped, _) = clip.Update(updates, clip.Init(updates), updates);
        Assert.Equal(0.6, clipped["a"].ToDouble(), 1e-12);
        Assert.Equal(0.8, clipped["b"].ToDouble(), 1e-12);
        var (kept, _) = GradientTransform.ClipByNorm(5.1).Update(updates, Parameters.Empty, updates);
        Assert.True(kept.BitEquals(updates));
    }

    [Fact]
    public void Clipping_by_value_bounds_each_element()
    {
        Parameters updates = [new("a", Tensor.From([-30.0, 2, 11]))];
        var (clipped, _) = GradientTransform.ClipByValue(10).Update(updates, Parameters.Empty, updates);
        Assert.Equal([-10, 2, 10], clipped["a"].ToArray<double>());
    }

    [Fact]
    public void Chain_applies_its_parts_in_order_and_keeps_their_states_apart()
    {
        var clipThenDouble = GradientTransform.Chain(GradientTransform.ClipByValue(1), GradientTransform.Sgd(-2));
        AssertPath(clipThenDouble, [5], 0, [2]);
        var twoMomenta = GradientTransform.Chain(GradientTransform.Momentum(0.5), GradientTransform.Momentum(0.5), GradientTransform.Sgd(1.0));
        Assert.Equal(["0.w", "1.w"], twoMomenta.Init(Theta(0)).Names);
        AssertPath(twoMomenta, [1, 0], 0, [-1, -2]);
    }

    [Fact]
    public void Chain_of_chains_is_the_flat_chain()
    {
        var (a, b, c) = (GradientTransform.ClipByValue(1.5), GradientTransform.Momentum(0.9), GradientTransform.Sgd(0.3));
        double[] gradients = [1, -2, 3];
        Assert.Equal(
            Walk(GradientTransform.Chain(a, b, c), gradients, 1), Walk(GradientTransform.Chain(GradientTransform.Chain(a, b), c), gradients, 1));
    }

    [Fact]
    public void Descent_follows_its_schedule_from_step_zero() =>
        AssertPath(GradientTransform.Descend(Schedules.Linear(1, 0, 2)), [1, 1, 1], 0, [-1, -1.5, -1.5]);

    // A step from a zero gradient has an infinite derivative unless something is added under the root.
    [Fact]
    public void Differentiating_through_adam_is_finite_with_an_epsilon_under_the_root()
    {
        var adam = GradientTransform.Chain(GradientTransform.ScaleByAdam(epsilonRoot: 1e-8), GradientTransform.Sgd(0.1));
        Assert.True(double.IsFinite(DerivativeThrough(adam, start: 1)));
        Assert.False(double.IsFinite(DerivativeThrough(GradientTransform.Adam(0.1), start: 1)));
    }

    [Fact]
    public void Derivative_through_two_steps_of_adam_is_that_of_finite_differences()
    {
        var adam = GradientTransform.Chain(GradientTransform.ScaleByAdam(epsilonRoot: 1e-8), GradientTransform.Sgd(0.1));
        const double Step = 1e-5;
        var expected = (AfterTwoSteps(adam, Theta(2 + Step)).ToDouble() - AfterTwoSteps(adam, Theta(2 - Step)).ToDouble()) / (2 * Step);
        Assert.Equal(expected, DerivativeThrough(adam, start: 2), 1e-8);
    }

    private static double DerivativeThrough(GradientTransform transform, double start) =>
        Transforms.Grad(theta => AfterTwoSteps(transform, theta), Theta(start))["w"].ToDouble();

    // Two steps down (w − 1)⁴, whose gradient is 0 at 1.
    private static Tensor AfterTwoSteps(GradientTransform transform, Parameters theta)
    {
        var (phi, state) = (theta, transform.Init(theta));
        for (var step = 0; step < 2; step++)
        {
            (phi, state) = transform.Step(phi, state, Transforms.Grad(at => (at["w"] - 1).Pow(4).Sum(), phi));
        }

        return phi["w"].Sum();
    }

    private static Parameters Theta(double value) => [new("w", Tensor.From([value]))];

    private static double[] Walk(GradientTransform transform, double[] gradients, double start)
    {
        var (theta, state) = (Theta(start), transform.Init(Theta(start)));
        var path = new List<double>();
        foreach (var gradient in gradients)
        {
            (theta, state) = transform.Step(theta, state, Theta(gradient));
            path.Add(theta["w"].ToDouble());
        }

        return [.. path];
    }

    private static void AssertPath(GradientTransform transform, double[] gradients, double start, double[] expected) =>
        Assert.All(expected.Zip(Walk(transform, gradients, start)), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class MamlTests
{
    // h = 2, a = 0, g = 3, b = .5 at θ = 1: x = √h, y = √h a.
    private static Examples Support => Linear.Point([Math.Sqrt(2)], 0);
    private static Examples Query => Linear.Point([Math.Sqrt(3)], Math.Sqrt(3) * 0.5);

    [Theory]
    [InlineData(1, false, 0.72)]
    [InlineData(3, false, 0.018432)]
    [InlineData(1, true, 0.9)]
    [InlineData(3, true, 0.036)]
    public void Meta_gradient_of_a_parabola_is_that_of_the_closed_form(int steps, bool firstOrder, double expected)
    {
        var maml = new Maml { InnerRate = 0.1, Steps = steps, Unrolling = Order(firstOrder), Objective = Linear.HalfSquare };
        Assert.Equal(expected, new Linear(1, 1).Run(maml, Support, Query).Direction["w"].ToDouble(), 1e-9);
    }

    [Fact]
    public void Loss_after_one_step_down_a_parabola_is_that_of_the_closed_form() =>
        Assert.Equal(0.135, new Linear(1, 1).Run(new Maml { InnerRate = 0.1, Objective = Linear.HalfSquare }, Support, Query).Loss.ToDouble(), 1e-9);

    [Fact]
    public void Linear_regression_in_three_dimensions_is_that_of_the_closed_form()
    {
        var (model, maml) = (new Linear(3, 1, -1, 2), new Maml { InnerRate = 0.25, Objective = Linear.HalfSquare });
        var (support, query) = (Linear.Point([1, 2, 1], 0), Linear.Point([2, 0, 1], 0));
        var full = model.Run(maml, support, query);
        Assert.Equal(5.28125, full.Loss.ToDouble(), 1e-9);
        AssertClose([4.0625, -4.875, 0.8125], full.Direction["w"].ToArray<double>());
        AssertClose([6.5, 0, 3.25], model.Run(maml with { Unrolling = new Unrolling.FirstOrder() }, support, query).Direction["w"].ToArray<double>());
    }

    [Fact]
    public void Logistic_loss_is_that_of_the_closed_form()
    {
        var (model, maml) = (new Linear(1, 0.5), new Maml { InnerRate = 0.5, Objective = Linear.Logistic });
        var (support, query) = (Linear.Point([1], 1), Linear.Point([2], -1));
        var full = model.Run(maml, support, query);
        Assert.Equal(1.60244110, full.Loss.ToDouble(), 1e-8);
        Assert.Equal(1.40951850, full.Direction["w"].ToDouble(), 1e-8);
        Assert.Equal(1.59719146, model.Run(maml with { Unrolling = new Unrolling.FirstOrder() }, support, query).Direction["w"].ToDouble(), 1e-8);
    }

    [Fact]
    public void Two_quadratic_tasks_balance_where_their_meta_gradients_cancel()
    {
        Assert.Equal(0, SumOverTwoTasks(3.0 / 7, firstOrder: false), 1e-9);
        Assert.Equal(0.192, SumOverTwoTasks(0.6, firstOrder: false), 1e-9);
        Assert.Equal(0, SumOverTwoTasks(0.6, firstOrder: true), 1e-9);
    }

    [Fact]
    public void First_and_second_order_differ_in_proportion_to_the_inner_rate()
    {
        var (small, large) = (OrderGap(1e-4), OrderGap(1e-3));
        Assert.InRange(large / small, 9.5, 10.5);
        Assert.InRange(small, 1e-6, 1e-2);
    }

    [Fact]
    public void First_and_second_order_agree_where_the_support_loss_has_no_curvature()
    {
        Objective straight = (predictions, examples) => examples.Count == 1 ? predictions.Mean() : Linear.HalfSquare(predictions, examples);
        var (model, maml) = (new Linear(2, 1, -1), new Maml { InnerRate = 0.3, Objective = straight });
        var query = new Examples(Tensor.From([1.0, 0, 2, 1], 2, 2), Tensor.From([1.0, 3], 2, 1), Ways: 0);
        var support = Linear.Point([1, 2], 0);
        AssertClose(
            model.Run(maml, support, query).Direction["w"].ToArray<double>(),
            model.Run(maml with { Unrolling = new Unrolling.FirstOrder() }, support, query).Direction["w"].ToArray<double>());
    }

    [Fact]
    public void Adaptation_leaves_theta_alone_and_has_a_predictor_before_and_after_each_step()
    {
        using var random = Generator.Seed(3);
        var model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 5 };
        var (theta, episode) = (model.Init(random), new Nuisance20(5, 1, 3).Sample(random));
        var before = theta.Leaves.Select(leaf => leaf.ToBytes()).ToArray();
        var adaptation = new Maml { Steps = 2, EvaluationSteps = 4 }.Adapt(model, theta, episode.Support, random);
        Assert.Equal(5, adaptation.Path.Count);
        Assert.All(before.Zip(theta.Leaves), pair => Assert.Equal(pair.First, pair.Second.ToBytes()));
        Assert.True(adaptation.Path[0](episode.Query.Inputs).BitEquals(model.Forward(theta, episode.Query.Inputs)));
        Assert.False(adaptation.Predict(episode.Query.Inputs).BitEquals(adaptation.Path[3](episode.Query.Inputs)));
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("InnerRate", Assert.Throws<ArgumentOutOfRangeException>(() => new Maml { InnerRate = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("Steps", Assert.Throws<ArgumentOutOfRangeException>(() => new Maml { Steps = 0 }).Message, StringComparison.Ordinal);
    }

    internal static void AssertClose(double[] expected, double[] actual, double tolerance = 1e-9)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    private static Unrolling Order(bool first) => first ? new Unrolling.FirstOrder() : new Unrolling.Full();

    private static double SumOverTwoTasks(double theta, bool firstOrder)
    {
        var maml = new Maml { InnerRate = 0.2, Unrolling = Order(firstOrder), Objective = Linear.HalfSquare };
        var (first, second) = (Linear.Point([1], 0), Linear.Point([Math.Sqrt(3)], Math.Sqrt(3)));
        var model = new Linear(1, theta);
        return model.Run(maml, first, first).Direction["w"].ToDouble() + model.Run(maml, second, second).Direction["w"].ToDouble();
    }

    private static double OrderGap(double rate)
    {
        using var random = Generator.Seed(2);
        var model = new Mlp { Inputs = 20, Hidden = [6], Outputs = 5, Activation = Activation.Tanh };
        var theta = model.Init(random).To(DType.Float64);
        var episode = new Nuisance20(5, 2, 2).Sample(random).To(DType.Float64);
        var maml = new Maml { InnerRate = rate };
        var full = maml.MetaGradient(model, theta, episode, random).Direction;
        var gap = full - (maml with { Unrolling = new Unrolling.FirstOrder() }).MetaGradient(model, theta, episode, random).Direction;
        return Math.Sqrt(gap.Dot(gap).ToDouble() / full.Dot(full).ToDouble());
    }
}

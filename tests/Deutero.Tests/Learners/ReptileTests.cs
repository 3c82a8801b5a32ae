using Deutero.Learners;
using Deutero.Models;
using Deutero.Optimisers;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Learners;

public sealed class ReptileTests
{
    private static Examples Parabola => Linear.Point([Math.Sqrt(2)], 0);

    [Fact]
    public void One_step_descends_along_the_gradient_of_joint_training() =>
        Assert.Equal(2.0, Direction(Plain(0.1, 1), 1, Parabola) / 0.1, 1e-9);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Direction_on_a_parabola_is_that_of_the_closed_form(int steps) =>
        Assert.Equal((1 - Math.Pow(1 - (0.1 * 2), steps)) * 1.5, Direction(Plain(0.1, steps), 1.5, Parabola), 1e-9);

    [Theory]
    [InlineData(1, 0.75)]
    [InlineData(2, 0.7)]
    public void Two_quadratic_tasks_balance_at_the_known_point(int steps, double theta)
    {
        var (first, second) = (Linear.Point([1], 0), Linear.Point([Math.Sqrt(3)], Math.Sqrt(3)));
        Assert.Equal(0, Direction(Plain(0.2, steps), theta, first) + Direction(Plain(0.2, steps), theta, second), 1e-9);
    }

    [Fact]
    public void Outer_descent_of_rate_one_ends_at_the_tasks_solution()
    {
        using var random = Generator.Seed(1);
        var (model, reptile) = (new Linear(1, 1), Plain(0.1, 3));
        var theta = model.Init(random);
        var direction = model.Run(reptile, Parabola, Parabola).Direction;
        var (moved, _) = GradientTransform.Sgd(1.0).Step(theta, Parameters.Empty, direction);
        Assert.Equal(Math.Pow(0.8, 3), moved["w"].ToDouble(), 1e-12);
    }

    // Adam's first step, without a first moment, has the length of the rate whatever the gradient.
    [Fact]
    public void First_inner_step_of_adam_has_the_length_of_the_rate() =>
        Assert.Equal(0.01, Direction(new Reptile { InnerRate = 0.01, Steps = 1, Objective = Linear.HalfSquare }, 1, Parabola), 1e-9);

    // On one task again and again, with an outer rate of 1, weights and moments go on where the last steps left them.
    [Fact]
    public void Carried_moments_make_two_runs_of_three_steps_one_of_six()
    {
        Parameters Moved(Reptile reptile, Parameters theta) =>
            theta - reptile.MetaGradient(new Linear(1, 1), theta, new(Parabola, Parabola, "by hand"), Generator.Seed(1)).Direction;
        var three = new Reptile { InnerRate = 0.01, Steps = 3, BatchSize = 0, CarryMoments = true, Objective = Linear.HalfSquare };
        var theta = three.Init(new Linear(1, 1), Generator.Seed(1));
        var twice = Moved(three, Moved(three, theta));
        var once = Moved(three with { Steps = 6 }, theta);
        Assert.Equal(["w", "inner.mean.w", "inner.seen"], once.Names);
        Assert.All(once, leaf => Assert.Equal(leaf.Value.ToDouble(), twice[leaf.Key].ToDouble(), 1e-12));
        Assert.Equal(1 - Math.Pow(0.999, 6), once["inner.seen"].ToDouble(), 1e-12);
        var fresh = three with { CarryMoments = false };
        Assert.NotEqual(once["w"].ToDouble(), Moved(fresh, Moved(fresh, theta.Without("inner")))["w"].ToDouble(), 1e-4);
    }

    [Fact]
    public void Carried_moments_are_refused_where_the_outer_optimiser_would_spoil_them()
    {
        MetaTraining With(OuterLoop outer) => new()
        {
            Learner = new Reptile { CarryMoments = true }, Model = new Mlp().WithShape([1], 1), Tasks = new Sinusoid(), Settings = new() { Outer = outer },
        };
        var refused = Assert.Throws<ArgumentException>(() => With(new()).Start());
        Assert.Contains("needs SGD of a rate up to 1", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => With(new() { Optimiser = OuterOptimiser.Sgd, Rate = 2 }).Start());
        Assert.True(With(new() { Optimiser = OuterOptimiser.Sgd, Rate = 1 }).Start().Theta.Contains("inner.seen"));
    }

    [Fact]
    public void Minibatches_cycle_through_the_examples_without_replacement()
    {
        var inputs = Tensor.From(Enumerable.Range(0, 6).Select(i => (double)i).ToArray(), 6, 1);
        var support = new Examples(inputs, Tensor.Zeros([6, 1], dtype: DType.Float64), Ways: 0);
        var seen = new List<double>();
        Objective spy = (predictions, examples) =>
        {
            seen.AddRange(examples.Inputs.Detach().ToArray<double>());
            return Linear.HalfSquare(predictions, examples);
        };
        using var random = Generator.Seed(4);
        var model = new Linear(1, 1);
        new Reptile { BatchSize = 2, EvaluationSteps = 6, Objective = spy, InnerAdam = false }.Adapt(model, model.Init(random), support, random);
        Assert.Equal(12, seen.Count);
        Assert.Equal([0, 1, 2, 3, 4, 5], seen.Take(6).Order());
        Assert.Equal(seen.Take(6), seen.Skip(6));
    }

    private static Reptile Plain(double rate, int steps) =>
        new() { InnerRate = rate, Steps = steps, BatchSize = 0, InnerAdam = false, Objective = Linear.HalfSquare };

    private static double Direction(Reptile reptile, double theta, Examples task) => new Linear(1, theta).Run(reptile, task, task).Direction["w"].ToDouble();
}

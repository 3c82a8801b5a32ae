using Deutero.Learners;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class EsMamlTests
{
    private static readonly EsMaml s_learner = new() { InnerRate = 0.1, Objective = Linear.HalfSquare };
    private static readonly Examples s_support = Linear.Point([Math.Sqrt(2)], 0);
    private static readonly Examples s_query = Linear.Point([Math.Sqrt(3)], 0.5 * Math.Sqrt(3));

    // The slope along e of a parabola's antithetic difference is exact, g e, with the meta-gradient g = .72: the estimate is g times the mean of e².
    [Theory]
    [InlineData(0.1)]
    [InlineData(2.0)]
    public void Estimate_of_a_parabola_is_its_gradient_times_the_mean_square_of_the_directions(double deviation)
    {
        var result = new Linear(1, 1).Run(s_learner with { Directions = 5, Deviation = deviation }, s_support, s_query);
        using var random = Generator.Seed(1);
        var square = Enumerable.Range(0, 5).Average(_ => random.Normal([1, 1], dtype: DType.Float64).Square().ToDouble());
        Assert.Equal(0.72 * square, result.Direction["w"].ToDouble(), 1e-9);
        Assert.Equal(0.135, result.Loss.ToDouble(), 1e-12);
    }

    [Fact]
    public void Many_directions_find_the_gradient()
    {
        var result = new Linear(1, 1).Run(s_learner with { Directions = 4000 }, s_support, s_query);
        Assert.Equal(0.72, result.Direction["w"].ToDouble(), 0.72 * 4 * Math.Sqrt(2.0 / 4000)); // four standard errors
    }

    // E|(g·e) e − g|² = (d + 1)|g|² for e ~ N(0, I) in d dimensions.
    [Fact]
    public void Variance_is_the_number_of_dimensions_over_that_of_directions()
    {
        const int Dimensions = 30, Directions = 50, Runs = 40;
        var model = new Linear(Dimensions, [.. Enumerable.Repeat(0.1, Dimensions)]);
        var (support, query) = (Linear.Point(new double[Dimensions], 0), Linear.Point([.. Enumerable.Range(1, Dimensions).Select(i => 1.0 / i)], 1));
        var learner = s_learner with { Directions = Directions };
        var gradient = model.Run(new Maml { InnerRate = 0.1, Objective = Linear.HalfSquare }, support, query).Direction;
        var errors = Enumerable.Range(0, Runs).Select(run =>
        {
            using var random = Generator.Seed((ulong)run);
            var error = learner.MetaGradient(model, model.Init(random), new(support, query, "by hand"), random).Direction - gradient;
            return error.Dot(error).ToDouble() / gradient.Dot(gradient).ToDouble();
        });
        Assert.Equal((Dimensions + 1.0) / Directions, errors.Average(), 0.12);
    }

    // A loss that is cut off from what it was computed from has no gradient: only its values can have been used.
    [Fact]
    public void With_estimates_in_both_loops_nothing_is_differentiated()
    {
        var learner = s_learner with { InnerDirections = 4, Directions = 4 };
        var cut = learner with { Objective = (predictions, examples) => Linear.HalfSquare(predictions, examples).Detach() };
        var (expected, actual) = (new Linear(1, 1).Run(learner, s_support, s_query), new Linear(1, 1).Run(cut, s_support, s_query));
        Assert.NotEqual(0, actual.Direction["w"].ToDouble(), 1e-3);
        Assert.True(expected.Direction.BitEquals(actual.Direction));
    }

    // Three inner estimates from θ = 1, where the slope is 2: each step multiplies θ by 1 − .2 e² (mean over the directions).
    [Fact]
    public void Inner_steps_descend_along_estimates()
    {
        var (learner, model) = (s_learner with { InnerDirections = 3, Steps = 2 }, new Linear(1, 1));
        using var random = Generator.Seed(1);
        var expected = 1.0;
        for (var step = 0; step < 2; step++)
        {
            expected *= 1 - (0.2 * Enumerable.Range(0, 3).Average(_ => random.Normal([1, 1], dtype: DType.Float64).Square().ToDouble()));
        }

        var predict = learner.Adapt(model, model.Init(Generator.Seed(1)), s_support, Generator.Seed(1)).Predict;
        Assert.Equal(expected, predict(Tensor.Eye(1, DType.Float64)).ToDouble(), 1e-9);
    }
}

using Deutero.Learners;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class MetaOptNetTests
{
    // Features are the rows of the identity: the Gram matrix is diagonal, and each row of A minimises g/2 |a|² − a_y over its constraints.
    [Theory]
    [InlineData(2, 1.0, 1.0, 0.5)]
    [InlineData(2, 1.0, 0.1, 0.1)]
    [InlineData(2, 2.0, 1.0, 0.25)]
    [InlineData(2, 4.0, 1.0, 0.125)]
    [InlineData(3, 1.0, 1.0, 2 / 3.0)]
    [InlineData(3, 1.0, 0.3, 0.3)]
    public void Dual_variables_of_orthonormal_features_are_those_worked_out_by_hand(int ways, double gram, double bound, double own)
    {
        var eye = Tensor.Eye(ways, DType.Float64);
        var expected = Enumerable.Range(0, ways * ways).Select(i => i / ways == i % ways ? own : -own / (ways - 1)).ToArray();
        MamlTests.AssertClose(expected, CrammerSinger.Solve(gram * eye, eye, bound).ToArray<double>(), 1e-9);
    }

    // For a convex function over a polytope, its value is above the minimum by at most max <∇f(A), A − B> over the polytope's B: a maximum over corners here.
    [Theory]
    [InlineData(5, 1, 0.1, 0.3)]
    [InlineData(5, 5, 0.1, 1.0)]
    [InlineData(5, 5, 0.1, 30.0)]
    [InlineData(20, 3, 0.1, 1.0)]
    [InlineData(3, 4, 10.0, 1.0)]
    public void Solution_is_feasible_and_optimal(int ways, int shots, double bound, double spread)
    {
        var (gram, labels) = Problem(ways, shots, spread);
        var solution = CrammerSinger.Solve(gram, labels, bound);
        var slope = gram.Matmul(solution) - labels;
        var gap = (slope * solution).Sum() - (bound * (slope * labels).Sum()) + (bound * slope.Amax([1]).Sum());
        Assert.InRange(gap.ToDouble(), -1e-9, 2e-11 * labels.Count); // the last barrier for each element
        Assert.All(solution.Sum([1]).ToArray<double>(), sum => Assert.Equal(0, sum, 1e-12));
        Assert.InRange((solution - (bound * labels)).Max().ToDouble(), double.NegativeInfinity, 0);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(10.0)]
    public void Derivative_of_the_solution_is_that_of_finite_differences(double bound)
    {
        var (gram, labels) = Problem(3, 3, 1);
        var (weights, direction) = (Generator.Seed(3).Normal([9, 3], dtype: DType.Float64), Generator.Seed(4).Normal([9, 9], dtype: DType.Float64));
        direction += direction.T();
        Tensor Value(Tensor matrix) => (weights * CrammerSinger.Solve(matrix, labels, bound)).Sum();
        var expected = (Value(gram + (1e-5 * direction)) - Value(gram - (1e-5 * direction))).ToDouble() / 2e-5;
        Assert.Equal(expected, (Transforms.Grad(Value, gram) * direction).Sum().ToDouble(), 1e-6 * Math.Abs(expected));
    }

    [Fact]
    public void Ridge_head_is_twice_the_ridge_regression_of_features_without_a_bias()
    {
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(1)).To(DType.Float64);
        var (learner, model) = (new MetaOptNet { Head = ConvexHead.Ridge, Penalty = 3, Scale = 0.5 }, new Linear(20, [.. Enumerable.Range(0, 80).Select(i => Math.Sin(i))]));
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
        var (features, queries) = (model.Forward(theta, episode.Support.Inputs), model.Forward(theta, episode.Query.Inputs));
        var weights = Tensor.LinalgSolve(features.T().Matmul(features) + (3 * Tensor.Eye(4, DType.Float64)), features.T().Matmul(episode.Support.OneHot()));
        var actual = learner.Adapt(model, theta, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs);
        MamlTests.AssertClose(queries.Matmul(weights).ToArray<double>(), actual.ToArray<double>(), 1e-10);
    }

    [Fact]
    public void Logits_are_the_scaled_inner_products_with_the_supports_features_by_their_dual_variables_and_sum_to_zero()
    {
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(2)).To(DType.Float64);
        var (learner, model) = (new MetaOptNet { Scale = 3 }, new Linear(20, [.. Enumerable.Range(0, 80).Select(i => Math.Cos(i))]));
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
        var (features, queries) = (model.Forward(theta, episode.Support.Inputs), model.Forward(theta, episode.Query.Inputs));
        var dual = CrammerSinger.Solve(features.Matmul(features.T()) + Tensor.Eye(6, DType.Float64), episode.Support.OneHot(), 0.1);
        var actual = learner.Adapt(model, theta, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs);
        MamlTests.AssertClose((3 * queries.Matmul(features.T()).Matmul(dual)).ToArray<double>(), actual.ToArray<double>(), 1e-9);
        Assert.All(actual.Sum([1]).ToArray<double>(), sum => Assert.Equal(0, sum, 1e-9));
    }

    [Fact]
    public void Regression_is_refused_in_one_sentence()
    {
        var learner = new MetaOptNet();
        var theta = learner.Init(new Linear(1, 1), Generator.Seed(1));
        var error = Assert.Throws<ArgumentException>(() => learner.Adapt(new Linear(1, 1), theta, Linear.Point([1], 0), Generator.Seed(1)));
        Assert.Contains("class labels", error.Message, StringComparison.Ordinal);
    }

    private static (Tensor Gram, Tensor Labels) Problem(int ways, int shots, double spread)
    {
        using var random = Generator.Seed(7);
        var features = random.Normal([ways * shots, 6], spread, DType.Float64);
        var labels = Tensor.Eye(ways, DType.Float64).Unsqueeze(1).Expand([ways, shots, ways]).Reshape([ways * shots, ways]);
        return (features.Matmul(features.T()) + Tensor.Eye(ways * shots, DType.Float64), labels);
    }
}

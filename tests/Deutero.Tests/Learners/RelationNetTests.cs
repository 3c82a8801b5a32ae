using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Learners;

public sealed class RelationNetTests
{
    private static readonly Conv4 s_maps = new() { Height = 16, Width = 16, Filters = 4, Halvings = 2 };

    private static FewShotClassification Tasks => new(new SyntheticPool(9, 6, 1, 16, 16), 3, 2, 2);

    // ((1 − c)² + (N − 1) c²)/N at its minimum c = 1/N: 0.16 for 5 ways, and 0.0475 for 20. Log-odds of 1/N are −ln(N − 1).
    [Theory]
    [InlineData(5, 0.16)]
    [InlineData(20, 0.0475)]
    public void Slope_vanishes_where_all_scores_are_one_over_the_number_of_ways(int ways, double loss)
    {
        var (learner, model) = (new RelationNet(), new Mlp { Inputs = 20, Hidden = [8], Outputs = 0 });
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name switch
        {
            "relation.score.weight" => leaf.ZerosLike(),
            "relation.score.bias" => leaf.FullLike(-Math.Log(ways - 1)),
            _ => leaf,
        });
        var episode = new Nuisance20(ways, 1, 3).Sample(Generator.Seed(2)).To(DType.Float64);
        var result = learner.MetaGradient(model, theta, episode, Generator.Seed(3));
        Assert.Equal(0, result.Direction["relation.score.bias"].Abs().Max().ToDouble(), 1e-12);
        Assert.Equal(loss, (result.Predictions.Sigmoid() - episode.Query.OneHot()).Square().Mean().ToDouble(), 1e-12);
        Assert.Equal(Math.Log(ways), result.Loss.ToDouble(), 1e-12); // what is reported is the cross-entropy
    }

    // One layer on the features of a pair side by side, the class's first.
    [Fact]
    public void Vectors_are_compared_as_if_they_lay_side_by_side()
    {
        using var random = Generator.Seed(4);
        var module = new RelationModule(null, 3, 5);
        var weights = module.Init(random).To(DType.Float64);
        var (queries, classes) = (random.Normal([2, 3], dtype: DType.Float64), random.Normal([4, 3], dtype: DType.Float64));
        var actual = module.Compare(weights, queries, classes);
        Assert.Equal([2L, 4], actual.Shape);
        for (var (query, way) = (0, 0); query < 2; (query, way) = way == 3 ? (query + 1, 0) : (query, way + 1))
        {
            var pair = Tensor.Cat([classes[way], queries[query]]).Unsqueeze(0);
            var first = Tensor.Linear(pair, weights["first.weight"], weights["first.bias"]).Relu();
            var second = Tensor.Linear(first, weights["second.weight"], weights["second.bias"]).Relu();
            Assert.Equal(Tensor.Linear(second, weights["score.weight"], weights["score.bias"]).ToDouble(), actual[query][way].ToDouble(), 1e-12);
        }
    }

    // The same, with libtorch's operators one after the other.
    [Theory]
    [InlineData(4)]
    [InlineData(16)] // as many filters as fused operators take
    public void Maps_are_compared_as_if_they_lay_side_by_side(int width)
    {
        using var random = Generator.Seed(4);
        var module = new RelationModule((2, 5, 4), 40, width);
        var weights = module.Init(random).To(DType.Float64);
        var (queries, classes) = (random.Normal([2, 40], dtype: DType.Float64), random.Normal([3, 40], dtype: DType.Float64));
        Tensor Block(string name, Tensor maps) => Tensor.BatchNorm(
            Tensor.Conv2d(maps, weights[$"{name}.weight"], null, [1, 1], [1, 1]), weights[$"{name}.norm.weight"], weights[$"{name}.norm.bias"],
            null, null, training: true, 0, 1e-5, cudnnEnabled: false).Relu().MaxPool2d([2, 2], [2, 2]);
        var pairs = Tensor.Stack([.. Enumerable.Range(0, 6).Select(i => Tensor.Cat([classes[i % 3].Reshape([2, 5, 4]), queries[i / 3].Reshape([2, 5, 4])]))]);
        var maps = Block("second", Block("first", pairs)).Reshape([6, width]);
        var hidden = Tensor.Linear(maps, weights["hidden.weight"], weights["hidden.bias"]).Relu();
        var expected = Tensor.Linear(hidden, weights["score.weight"], weights["score.bias"]);
        MamlTests.AssertClose(expected.ToArray<double>(), module.Compare(weights, queries, classes).ToArray<double>(), 1e-9);
    }

    [Fact]
    public void Support_that_is_repeated_doubles_the_sum_and_leaves_the_mean()
    {
        var model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 0 };
        var episode = new Nuisance20(3, 1, 2).Sample(Generator.Seed(3)).To(DType.Float64);
        double Change(RelationNet learner)
        {
            var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
            Tensor Predict(Examples support) => learner.Adapt(model, theta, support, Generator.Seed(2)).Predict(episode.Query.Inputs);
            return (Predict(episode.Support) - Predict(episode.Support.Concat(episode.Support))).Abs().Max().ToDouble();
        }

        Assert.InRange(Change(new() { Average = true }), 0, 1e-12);
        Assert.InRange(Change(new()), 1e-3, 100);
    }

    [Fact]
    public void Maps_of_4x4_are_compared_by_convolutions_in_every_execution_mode()
    {
        using var scope = new TensorScope();
        var learner = new RelationNet { Width = 4 };
        var theta = learner.Init(s_maps, Generator.Seed(1)).To(DType.Float64);
        Assert.Equal([4L, 8, 3, 3], theta["relation.first.weight"].Shape);
        var episodes = Enumerable.Range(0, 2).Select(i => Tasks.Sample(Generator.Seed(17).Derive(i)).To(DType.Float64)).ToArray();
        double[] Run(Execution execution) =>
            MetaBatch.Mean(learner, s_maps, theta, episodes, Generator.Seed(5), execution).Direction.Flatten().ToArray<double>();
        MamlTests.AssertClose(Run(Execution.Loop), Run(Execution.Vectorised), 1e-9);
    }

    // The program's loss on maps, moved along the direction.
    [Fact]
    public void Direction_on_maps_is_the_slope_of_the_squared_errors()
    {
        var learner = new RelationNet { Width = 4 };
        var (theta, episode) = (learner.Init(s_maps, Generator.Seed(1)).To(DType.Float64), Tasks.Sample(Generator.Seed(7)).To(DType.Float64));
        double Loss(Parameters at) => (learner.Adapt(s_maps, at, episode.Support, Generator.Seed(2)).Predict(episode.Query.Inputs).Sigmoid()
            - episode.Query.OneHot()).Square().Mean().ToDouble();
        var direction = learner.MetaGradient(s_maps, theta, episode, Generator.Seed(2)).Direction;
        var along = 1e-6 * direction;
        Assert.Equal(direction.Dot(direction).ToDouble(), (Loss(theta + along) - Loss(theta - along)) / 2e-6, 1e-5 * direction.Dot(direction).ToDouble());
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new RelationNet().Adapt(new Linear(1, 1), Parameters.Empty, Linear.Point([1], 0), Generator.Seed(1)));
        Assert.Contains("class labels", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RelationNet { Width = 0 });
    }
}

using Deutero.Learners;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class LaplacianShotTests
{
    private static readonly Linear s_identity = new(1, 1);

    // Distances [[0, 1], [.6, .5], [1, 0]], the first two queries linked to each other.
    private static Tensor Similarities => -Tensor.From([0, 1, 0.6, 0.5, 1, 0], 3, 2);

    private static Tensor Links => Tensor.From([0.0, 1, 0, 1, 0, 0, 0, 0, 0], 3, 3);

    [Theory]
    [InlineData(0, new[] { 0.7311, 0.2689, 0.4750, 0.5250, 0.2689, 0.7311 })]
    [InlineData(200, new[] { 0.7717, 0.2283, 0.6091, 0.3909, 0.2689, 0.7311 })]
    public void Assignments_go_to_the_fixed_point(int rounds, double[] expected) =>
        MamlTests.AssertClose(expected, Assignments(rounds).ToArray<double>(), 1e-4);

    [Fact]
    public void Second_query_after_one_round_is_that_worked_out_by_hand() => Assert.Equal(0.5896, Assignments(1).ToArray<double>()[2], 1e-4);

    // Σ y·log y + u·y − λ/2 (WY)·y: −1.259377, −1.283944, −1.288665, −1.289522 ... −1.289700.
    [Fact]
    public void Energy_falls_with_every_round()
    {
        double Energy(int rounds)
        {
            var y = Assignments(rounds);
            return ((y * y.Log()) - (Similarities * y) - (0.5 * Links.Matmul(y) * y)).Sum().ToDouble();
        }

        MamlTests.AssertClose([-1.259377, -1.283944, -1.288665, -1.289522, -1.289700], [Energy(0), Energy(1), Energy(2), Energy(3), Energy(200)], 2e-6);
    }

    [Fact]
    public void Without_a_weight_it_is_a_prototypical_network()
    {
        var episode = new Nuisance20(3, 2, 4).Sample(Generator.Seed(3)).To(DType.Float64);
        var model = new Linear(20, [.. Enumerable.Range(0, 60).Select(i => 0.05 * Math.Sin(i))]);
        double[] Probabilities(IMetaLearner learner) =>
            learner.Adapt(model, model.Init(Generator.Seed(1)), episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs).Softmax(-1).ToArray<double>();
        MamlTests.AssertClose(Probabilities(new ProtoNet()), Probabilities(new LaplacianShot { Weight = 0 }), 1e-12);
        Assert.InRange(Probabilities(new ProtoNet()).Zip(Probabilities(new LaplacianShot()), (a, b) => Math.Abs(a - b)).Max(), 1e-3, 1);
    }

    // Prototypes 0 and 10, queries 5.1, 4 and 3: the first is nearer to class 1, its neighbours are not.
    [Fact]
    public void A_query_follows_its_neighbours_but_alone_goes_to_its_prototype()
    {
        var support = new Examples(Tensor.From([0.0, 10], 2, 1), Tensor.From([0L, 1]), Ways: 2);
        var predict = new LaplacianShot { Weight = 5 }.Adapt(s_identity, s_identity.Init(Generator.Seed(1)), support, Generator.Seed(1)).Predict;
        Assert.Equal([0L, 0, 0], predict(Tensor.From([5.1, 4, 3], 3, 1)).Argmax(-1).ToArray<long>());
        Assert.Equal([1L], predict(Tensor.From([5.1], 1, 1)).Argmax(-1).ToArray<long>());
    }

    [Fact]
    public void Permuted_queries_have_permuted_answers()
    {
        var support = new Examples(Tensor.From([0.0, 10], 2, 1), Tensor.From([0L, 1]), Ways: 2);
        var (queries, order) = (Tensor.From([5.1, 4, 3, 9], 4, 1), Tensor.From([2L, 0, 3, 1]));
        var predict = new LaplacianShot().Adapt(s_identity, s_identity.Init(Generator.Seed(1)), support, Generator.Seed(1)).Predict;
        MamlTests.AssertClose(predict(queries).IndexSelect(0, order).ToArray<double>(), predict(queries.IndexSelect(0, order)).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        Assert.Contains(
            "class labels",
            Assert.Throws<ArgumentException>(() => new LaplacianShot().Adapt(s_identity, Parameters.Empty, Linear.Point([1], 0), Generator.Seed(1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LaplacianShot { Weight = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LaplacianShot { Neighbours = 0 });
    }

    private static Tensor Assignments(int rounds) => new LaplacianShot { Weight = 1, Rounds = rounds }.Propagate(Similarities, Links).Exp();
}

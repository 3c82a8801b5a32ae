using Deutero.Learners;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class R2d2Tests
{
    private static readonly Tensor s_one = Tensor.Of(1, DType.Float64);

    [Theory]
    [InlineData(new[] { 1.0, 0, 0, 2 }, new[] { 0.5, 0, 0, 0.4 })]
    [InlineData(new[] { 1.0, 0.5, -0.5, 2 }, new[] { 0.4757, -0.1405, 0.1405, 0.3676 })]
    public void Ridge_weights_of_two_examples_are_those_worked_out_by_hand(double[] features, double[] expected) =>
        MamlTests.AssertClose(expected, R2d2.Solve(Tensor.From(features, 2, 2), Tensor.Eye(2, DType.Float64), s_one).ToArray<double>(), 5e-5);

    // X = [[1, .5], [−.5, 2]], Y = I, λ = 1, query (1, 1) of class 0, logits q W.
    [Fact]
    public void Loss_and_its_derivatives_are_those_worked_out_by_hand()
    {
        var (query, label) = (Tensor.From([1.0, 1], 1, 2), new Examples(Tensor.From([1.0, 1], 1, 2), Tensor.From([0L]), Ways: 2));
        Parameters at = [new("X", Tensor.From([1.0, 0.5, -0.5, 2], 2, 2)), new("λ", s_one)];
        var (loss, gradient) = Transforms.ValueAndGrad(
            p => Objectives.CrossEntropy(query.Matmul(R2d2.Solve(p["X"], Tensor.Eye(2, DType.Float64), p["λ"])), label), at);
        Assert.Equal(0.5173678, loss.ToDouble(), 1e-7);
        Assert.Equal(0.1020, gradient["λ"].ToDouble(), 5e-5);
        MamlTests.AssertClose([0.0535, -0.1043, 0.1043, 0.0020], gradient["X"].ToArray<double>(), 5e-5);
    }

    [Theory]
    [InlineData(4, 7)]
    [InlineData(7, 4)]
    public void Both_systems_have_the_same_solution(int examples, int width)
    {
        using var random = Generator.Seed(1);
        var (features, targets) = (random.Normal([examples, width], dtype: DType.Float64), random.Normal([examples, 3], dtype: DType.Float64));
        var primal = Tensor.LinalgSolve(
            R2d2.Penalised(features.T().Matmul(features), s_one), features.T().Matmul(targets));
        MamlTests.AssertClose(primal.ToArray<double>(), R2d2.Solve(features, targets, s_one).ToArray<double>(), 1e-10);
    }

    [Fact]
    public void Great_penalty_leaves_no_weights_and_a_small_one_fits_the_support_set()
    {
        using var random = Generator.Seed(2);
        var (features, targets) = (random.Normal([3, 5], dtype: DType.Float64), Tensor.Eye(3, DType.Float64));
        Assert.All(R2d2.Solve(features, targets, s_one * 1e9).ToArray<double>(), weight => Assert.Equal(0, weight, 1e-7));
        MamlTests.AssertClose(
            targets.ToArray<double>(), features.Matmul(R2d2.Solve(features, targets, s_one * 1e-12)).ToArray<double>(), 1e-9);
    }

    [Fact]
    public void Scale_shift_and_penalty_are_meta_learned_and_the_model_does_not_see_them()
    {
        var learner = new R2d2 { Penalty = 2, Scale = 3 };
        var (model, episode) = (new Linear(20, [.. Enumerable.Repeat(0.1, 40)]), new Nuisance20(3, 1, 2).Sample(Generator.Seed(3)).To(DType.Float64));
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
        Assert.Equal(["w", "ridge.penalty", "ridge.scale", "ridge.shift"], theta.Names);
        Assert.Equal(2, theta["ridge.penalty"].Exp().ToDouble(), 1e-6);
        var direction = learner.MetaGradient(model, theta, episode, Generator.Seed(1)).Direction;
        Assert.NotEqual(0, direction["ridge.penalty"].ToDouble());
        Assert.NotEqual(0, direction["ridge.scale"].ToDouble());
        Assert.Equal(["w"], Episodic.OfModel(theta, "ridge").Names);
    }

    [Fact]
    public void Regression_finds_a_straight_line()
    {
        var support = new Examples(Tensor.From([0.0, 1, 2], 3, 1), Tensor.From([1.0, 3, 5], 3, 1), Ways: 0);
        var (learner, model) = (new R2d2 { Penalty = 1e-9 }, new Linear(1, 1));
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
        var predict = learner.Adapt(model, theta, support, Generator.Seed(1)).Predict;
        MamlTests.AssertClose([21], predict(Tensor.From([10.0], 1, 1)).ToArray<double>(), 1e-6);
    }

    // At η = 0: μ = ½, s = ¼, z = 4 (y − ½).
    [Fact]
    public void First_step_of_logistic_regression_is_ridge_regression_on_other_targets()
    {
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(4)).To(DType.Float64);
        var (learner, model) = (new Lrd2 { Steps = 1, Penalty = 0.5 }, new Linear(20, [.. Enumerable.Range(0, 60).Select(i => Math.Sin(i))]));
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
        var features = R2d2.WithOnes(model.Forward(theta, episode.Support.Inputs));
        var weights = R2d2.Solve(features, 4 * (episode.Support.OneHot() - 0.5), 4 * theta["logistic.penalty"].Exp());
        var expected = R2d2.WithOnes(model.Forward(theta, episode.Query.Inputs)).Matmul(weights);
        var actual = learner.Adapt(model, theta, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs);
        MamlTests.AssertClose(expected.ToArray<double>(), actual.ToArray<double>(), 1e-9);
    }

    // The gradient Xᵀ(μ − y) + λw vanishes at the minimum of the penalised logistic loss.
    [Fact]
    public void Logistic_regression_converges_to_the_minimum_of_its_loss()
    {
        var episode = new Nuisance20(3, 4, 2).Sample(Generator.Seed(5)).To(DType.Float64);
        var (learner, model) = (new Lrd2 { Steps = 12, Penalty = 1 }, new Linear(20, [.. Enumerable.Range(0, 80).Select(i => 0.3 * Math.Cos(i))]));
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
        var features = R2d2.WithOnes(model.Forward(theta, episode.Support.Inputs));
        var logits = learner.Adapt(model, theta, episode.Support, Generator.Seed(1)).Predict(episode.Support.Inputs);
        var residual = episode.Support.OneHot() - logits.Sigmoid();
        MamlTests.AssertClose(logits.ToArray<double>(), features.Matmul(features.T()).Matmul(residual).ToArray<double>(), 1e-8);
    }

    [Fact]
    public void Logistic_regression_of_values_is_refused_in_one_sentence()
    {
        var learner = new Lrd2();
        var theta = learner.Init(new Linear(1, 1), Generator.Seed(1));
        var error = Assert.Throws<ArgumentException>(() => learner.Adapt(new Linear(1, 1), theta, Linear.Point([1], 0), Generator.Seed(1)));
        Assert.Contains("class labels", error.Message, StringComparison.Ordinal);
    }
}

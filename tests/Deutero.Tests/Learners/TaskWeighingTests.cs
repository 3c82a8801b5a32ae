using Deutero.Learners;
using Deutero.Optimisers;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class TaskWeighingTests
{
    private static readonly JointTasks s_slopes = OfSlopes([3, 0], [0, 4]);

    [Fact]
    public void Conflicting_gradients_become_orthogonal_to_one_another()
    {
        var (first, second) = (Tensor.From([1.0, 0]), Tensor.From([-1.0, 1])); // g·h = −1
        var projected = TaskWeighing.PcGrad.Project(Tensor.Stack([first, second]), Generator.Seed(1));
        MamlTests.AssertClose([0.5, 0.5], projected[0].ToArray<double>(), 1e-12); // (1, 0) + (−1, 1)/2
        MamlTests.AssertClose([0, 1], projected[1].ToArray<double>(), 1e-12); // (−1, 1) + (1, 0)
        Assert.Equal(0, projected[0].Dot(second).ToDouble(), 1e-12);
        Assert.Equal(0, projected[1].Dot(first).ToDouble(), 1e-12);
    }

    [Fact]
    public void Gradients_without_conflict_stay_and_opposite_ones_vanish()
    {
        var agreeing = Tensor.From([1.0, 2, 3, 1], 2, 2);
        Assert.Equal(agreeing.ToArray<double>(), TaskWeighing.PcGrad.Project(agreeing, Generator.Seed(1)).ToArray<double>());
        var opposite = Tensor.From([1.0, 2, -1, -2], 2, 2);
        MamlTests.AssertClose([0, 0, 0, 0], TaskWeighing.PcGrad.Project(opposite, Generator.Seed(1)).ToArray<double>(), 1e-12);
        var none = Tensor.Zeros([2, 3], DType.Float64);
        Assert.Equal(none.ToArray<double>(), TaskWeighing.PcGrad.Project(none, Generator.Seed(1)).ToArray<double>());
    }

    // Each of three gradients conflicts with the next, so that the order shows: the seed gives it.
    [Fact]
    public void Order_of_projections_is_the_generators()
    {
        var gradients = Tensor.From([1.0, 0, -1, 1, -0.5, -1], 3, 2);
        double[] Of(ulong seed) => TaskWeighing.PcGrad.Project(gradients, Generator.Seed(seed)).ToArray<double>();
        Assert.Equal(Of(1), Of(1));
        Assert.True(Enumerable.Range(1, 20).Select(seed => string.Join(' ', Of((ulong)seed))).Distinct().Count() > 1);
    }

    // s = log 2L, where the total is ½ Σ (1 + log 2L): negative for small losses.
    [Fact]
    public void Uncertainty_is_smallest_where_the_log_variance_is_that_of_twice_the_loss()
    {
        var losses = Tensor.From([0.01, 0.3, 2]);
        var optimum = (2 * losses).Log();
        MamlTests.AssertClose([0, 0, 0], Transforms.Grad(s => TaskWeighing.Uncertainty.Total(s, losses), optimum).ToArray<double>(), 1e-12);
        var expected = 0.5 * losses.ToArray<double>().Sum(loss => 1 + Math.Log(2 * loss));
        Assert.Equal(expected, TaskWeighing.Uncertainty.Total(optimum, losses).ToDouble(), 1e-12);
        Assert.True(expected < 0);
        Assert.True(TaskWeighing.Uncertainty.Total(optimum + 0.1, losses).ToDouble() > expected && TaskWeighing.Uncertainty.Total(optimum - 0.1, losses).ToDouble() > expected);
    }

    [Fact]
    public void Uncertainty_starts_as_the_plain_sum()
    {
        var sum = new TaskWeighing.Sum().Weigh(s_slopes, At(1, 1), Generator.Seed(1)).Direction;
        var theta = At(1, 1).With(new TaskWeighing.Uncertainty().Init(2).To(DType.Float64));
        var direction = new TaskWeighing.Uncertainty().Weigh(s_slopes, theta, Generator.Seed(1)).Direction;
        Assert.Equal(sum["w"].ToArray<double>(), direction["w"].ToArray<double>());
        MamlTests.AssertClose([0.5 - 3, 0.5 - 4], direction["weighing.logVariances"].ToArray<double>(), 1e-12); // ½ − e⁻ˢL
    }

    // Losses 3w₁ and 4w₂ have gradients of norm 3 and 4: of equal pace, the larger one's weight must fall.
    [Fact]
    public void Grad_norm_moves_weights_towards_equal_norms_and_rests_there()
    {
        var weighing = new TaskWeighing.GradNorm();
        Parameters Direction(double first, double second)
        {
            var tasks = s_slopes with { Initial = [3, 4] }; // at w = (1, 1) all losses are at their start: r = 1
            return weighing.Weigh(tasks, At(1, 1).With([new("weighing.scores", Tensor.From([first, second]))]), Generator.Seed(1)).Direction;
        }

        var unequal = Direction(0, 0)["weighing.scores"].ToArray<double>();
        Assert.True(unequal[0] < 0 && unequal[1] > 0, $"{unequal[0]} {unequal[1]}");
        var (lower, higher) = (Direction(Math.Log(4.0 / 3) - 1e-6, 0)["weighing.scores"][0].ToDouble(), Direction(Math.Log(4.0 / 3) + 1e-6, 0)["weighing.scores"][0].ToDouble());
        Assert.True(lower < 0 && higher > 0, $"{lower} {higher}"); // weights 8/7 and 6/7: 24/7 both
    }

    [Fact]
    public void Grad_norm_rests_where_norms_and_paces_are_equal_and_favours_who_lags()
    {
        var (weighing, tasks) = (new TaskWeighing.GradNorm(), OfSlopes([2, 0], [0, 2]));
        var theta = At(1, 1).With(weighing.Init(2).To(DType.Float64));
        Assert.Equal([0, 0], weighing.Weigh(tasks with { Initial = [2, 2] }, theta, Generator.Seed(1)).Direction["weighing.scores"].ToArray<double>());
        var lagging = weighing.Weigh(tasks with { Initial = [2, 8] }, theta, Generator.Seed(1)).Direction["weighing.scores"].ToArray<double>(); // the first is still where it began
        Assert.True(lagging[0] < 0 && lagging[1] > 0, $"{lagging[0]} {lagging[1]}");
    }

    [Fact]
    public void Weights_of_grad_norm_are_positive_and_sum_to_the_number_of_tasks()
    {
        var weights = TaskWeighing.GradNorm.Weights(Tensor.From([-20.0, 0, 5])).ToArray<double>();
        Assert.All(weights, weight => Assert.True(weight > 0));
        Assert.Equal(3, weights.Sum(), 1e-12);
    }

    // Two units for two noisy targets of scales 1 and 100 that ask for one each: the noise of the large one drowns the small one, unless it is weighed.
    [Theory]
    [InlineData("sum", 0.15, 1.5)]
    [InlineData("uncertainty", 0, 0.1)]
    [InlineData("grad-norm", 0, 0.1)]
    public void Small_task_is_learned_beside_a_large_one_where_weights_are_learned(string name, double least, double most)
    {
        TaskWeighing weighing = name switch { "uncertainty" => new TaskWeighing.Uncertainty(), "grad-norm" => new TaskWeighing.GradNorm(), _ => new TaskWeighing.Sum() };
        using var scope = new TensorScope();
        var (random, scales) = (Generator.Seed(3), Tensor.From([1f, 100f]));
        Tensor Losses(Parameters at, int count, double noise)
        {
            var inputs = random.Normal([count, 4]);
            var targets = (inputs.Narrow(1, 0, 2) * 2).Tanh() + random.Normal([count, 2], noise);
            return ((inputs.Matmul(at["body"]).Tanh().Matmul(at["heads"]) - targets) * scales).Square().Mean([0]);
        }

        Parameters theta = [new("body", random.Normal([4, 2], 0.5)), new("heads", random.Normal([2, 2], 0.5))];
        var initial = Losses(theta, 256, 0.5).ToArray<float>().Select(loss => (double)loss).ToArray();
        theta = theta.With(weighing.Init(2));
        var optimiser = GradientTransform.Adam(0.03, beta2: 0.95); // soon forgets gradients from before the weights were learned
        var state = optimiser.Init(theta);
        for (var step = 0; step < 1000; step++)
        {
            using var inner = new TensorScope();
            var seed = (ulong)step;
            var tasks = new JointTasks(
                at =>
                {
                    random = Generator.Seed(seed); // the same examples for every task's gradient
                    return (Losses(at, 16, 0.5), Tensor.Of(0));
                },
                initial, parameter => parameter == "body");
            var (next, nextState) = optimiser.Step(theta, state, weighing.Weigh(tasks, theta, random).Direction);
            (theta, state) = (inner.Keep(next), inner.Keep(nextState));
        }

        var relative = (Losses(theta, 2000, 0) / scales.Square() / 0.66).ToArray<float>(); // of the variance of tanh 2x
        Assert.True(relative[0] >= least && relative[0] <= most && relative[1] <= 0.1, $"{name}: {relative[0]} of the small task, {relative[1]} of the large one");
    }

    private static Parameters At(params double[] w) => [new("w", Tensor.From(w))];

    // Losses that are linear in w, so that their gradients are the slopes.
    private static JointTasks OfSlopes(params double[][] slopes)
    {
        var matrix = Tensor.Stack([.. slopes.Select(slope => Tensor.From(slope))]);
        return new(at => (matrix.Matmul(at["w"]), Tensor.Of(0)), [.. slopes.Select(_ => 1.0)], _ => true);
    }
}

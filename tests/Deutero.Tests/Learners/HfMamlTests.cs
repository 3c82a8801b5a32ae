using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class HfMamlTests
{
    private static readonly HfMaml s_learner = new() { InnerRate = 0.1, Objective = Linear.HalfSquare };

    // h = 2, a = 0, g = 3, b = .5, θ = 1, α = .1: (1 − αh)^K g(φ_K − b). A parabola's differences are exact, however long.
    [Theory]
    [InlineData(1, 0.01, 0.72)]
    [InlineData(1, 5.0, 0.72)]
    [InlineData(3, 0.01, 0.018432)]
    [InlineData(3, 5.0, 0.018432)]
    public void Meta_gradient_of_a_parabola_is_exact(int steps, double difference, double expected)
    {
        var learner = s_learner with { Steps = steps, Difference = difference };
        var result = new Linear(1, 1).Run(learner, Linear.Point([Math.Sqrt(2)], 0), Linear.Point([Math.Sqrt(3)], 0.5 * Math.Sqrt(3)));
        Assert.Equal(expected, result.Direction["w"].ToDouble(), 1e-9);
    }

    // Two tasks whose support is their query: MAML is stationary at 3/7, its first-order approximation at .6.
    [Fact]
    public void Two_tasks_are_stationary_where_maml_is_and_not_where_its_first_order_approximation_is()
    {
        double Sum(double theta)
        {
            var (first, second) = (Linear.Point([1], 0), Linear.Point([Math.Sqrt(3)], Math.Sqrt(3)));
            double Of(Examples task) => new Linear(1, theta).Run(s_learner with { InnerRate = 0.2 }, task, task).Direction["w"].ToDouble();
            return Of(first) + Of(second);
        }

        Assert.Equal(0, Sum(3 / 7.0), 1e-9);
        Assert.Equal(0.192, Sum(0.6), 1e-9);
    }

    [Fact]
    public void Error_of_a_smooth_network_falls_with_the_square_of_the_difference()
    {
        var (model, episode) = (new Mlp { Inputs = 20, Hidden = [6], Outputs = 3, Activation = Activation.Tanh }, new Nuisance20(3, 2, 2).Sample(Generator.Seed(1)).To(DType.Float64));
        var theta = model.Init(Generator.Seed(2)).To(DType.Float64);
        Parameters Direction(IMetaLearner learner) => learner.MetaGradient(model, theta, episode, Generator.Seed(3)).Direction;
        var exact = Direction(new Maml { Steps = 2 });
        double Error(double difference) => Norm(Direction(new HfMaml { Steps = 2, Difference = difference }) - exact);
        Assert.InRange(Error(0.01) / Norm(exact), 0, 1e-3);
        Assert.Equal(4, Error(0.02) / Error(0.01), 0.05);
    }

    [Fact]
    public void Solved_query_has_no_direction()
    {
        var result = new Linear(1, 0).Run(s_learner, Linear.Point([1], 0), Linear.Point([1], 0));
        Assert.Equal(0, result.Direction["w"].ToDouble());
    }

    private static double Norm(Parameters value) => Math.Sqrt(value.Dot(value).ToDouble());
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class LearnedOptimiserTests
{
    // f(x) = x² from x = 1.
    private static Examples Square => Linear.Point([1], 0);

    // With p = 10 and, as in the authors' program, with p = 5.
    [Theory]
    [InlineData(10, 1, 0, 1)]
    [InlineData(10, -1, 0, -1)]
    [InlineData(10, 6.737946999085467e-3, -0.5, 1)] // e^-5
    [InlineData(10, 1e-5, -1, 0.2202647)]
    [InlineData(10, 0, -1, 0)]
    [InlineData(10, -0.001, -0.6907755, -1)]
    [InlineData(5, 1, 0, 1)]
    [InlineData(5, -0.001, -1, -0.1484132)]
    [InlineData(5, 0.01, -0.9210340, 1)]
    public void Gradients_of_any_magnitude_are_two_numbers_of_order_one(double p, double gradient, double logarithm, double sign) =>
        MamlTests.AssertClose([logarithm, sign], CoordinateLstm.Preprocess(Tensor.From([gradient]), p).ToArray<double>(), 1e-7);

    [Fact]
    public void Layers_are_those_of_the_equations()
    {
        var weights = CoordinateLstm.Init(Generator.Seed(1), inputs: 1, hidden: 1, layers: 1, bound: 1).To(DType.Float64);
        var (w, b) = (weights["lstm1.weight"].ToArray<double>(), weights["lstm1.bias"].ToArray<double>());
        Parameters state = [new("output1", Tensor.From([0.3], 1, 1)), new("cell1", Tensor.From([-0.7], 1, 1))];
        double Gate(int gate) => (w[2 * gate] * 0.9) + (w[(2 * gate) + 1] * 0.3) + b[gate];
        var cell = (Sigmoid(Gate(1)) * -0.7) + (Sigmoid(Gate(0)) * Math.Tanh(Gate(2)));
        var (outputs, next) = CoordinateLstm.Step(weights, state, Tensor.From([0.9], 1, 1));
        Assert.Equal(cell, next["cell1"].ToDouble(), 1e-12);
        Assert.Equal(Sigmoid(Gate(3)) * Math.Tanh(cell), outputs.ToDouble(), 1e-12);
        Assert.Equal(outputs.ToDouble(), next["output1"].ToDouble());
    }

    // An optimiser whose output is a constant is one that adds it to every parameter in every step.
    [Fact]
    public void Output_is_what_is_added_to_every_parameter()
    {
        var (model, learner) = (new Linear(2, 1, 5), new LearnedOptimiser { Steps = 3, OutputScale = 0.1 });
        var theta = Constant(learner, model, -2);
        var adaptation = learner.Adapt(model, theta, Linear.Point([1, 1], 0), Generator.Seed(1));
        var path = adaptation.Path.Select(predict => predict(Tensor.Eye(2, DType.Float64))).ToArray();
        Assert.Equal(4, path.Length);
        MamlTests.AssertClose([0.8, 4.8], path[1].ToArray<double>());
        MamlTests.AssertClose([0.4, 4.4], path[3].ToArray<double>());
    }

    // The cell holds −η g for small gradients, raw: tanh and the constant gates are undone by the output's weight. f = x², x_0 = 1, η = .1:
    // x_3 = .512 and Σ f = 2.311744 with the start's 1.
    [Fact]
    public void Weights_set_by_hand_are_gradient_descent()
    {
        var (model, learner) = (new Linear(1, 1), new LearnedOptimiser { Steps = 3, OutputScale = 1, Magnitudes = 0, Layers = 1, Hidden = 1 });
        var theta = Descending(learner, model, 0.1);
        var result = learner.MetaGradient(model, theta, new(Square, Square, "x²"), Generator.Seed(1));
        Assert.Equal(0.512, result.Predictions.ToDouble(), 1e-4);
        Assert.Equal(0.512 * 0.512, result.Loss.ToDouble(), 1e-4);
    }

    // d/db of Σ_t x_t² where every step adds b: x_t = 1 + tb, so that the sum's derivative is Σ 2t (1 + tb); cut after each step it is Σ 2 (1 + tb).
    [Theory]
    [InlineData(0, true, 2 * ((1 * 0.9) + (2 * 0.8) + (3 * 0.7)))]
    [InlineData(1, true, 2 * (0.9 + 0.8 + 0.7))]
    [InlineData(2, true, 2 * ((1 * 0.9) + (2 * 0.8) + (1 * 0.7)))]
    [InlineData(0, false, 2 * 3 * 0.7)]
    [InlineData(1, false, 2 * 0.7)]
    public void Window_cuts_the_path_of_the_meta_gradient(int window, bool everyStep, double expected)
    {
        var (model, learner) = (new Linear(1, 1), new LearnedOptimiser { Steps = 3, OutputScale = 1, Window = window, EveryStep = everyStep });
        foreach (var unrolling in new Unrolling[] { new Unrolling.FirstOrder(), new Unrolling.Full(), new Unrolling.Checkpointed { Segment = 2 } })
        {
            var result = (learner with { Unrolling = unrolling }).MetaGradient(model, Constant(learner, model, -0.1), new(Square, Square, "x²"), Generator.Seed(1));
            Assert.Equal(0.49, result.Loss.ToDouble(), 1e-12);
            Assert.Equal(expected, result.Direction["optimiser.output.bias"].ToDouble(), 1e-12);
        }
    }

    // x_2 = x_1 − η g(x_1): with η = .1, dx_2/dη is −2x_1 − 2x_0 for constant gradients, and −2x_1 − 2x_0 (1 − 2η) where they are differentiated.
    [Theory]
    [InlineData(false, -3.6)]
    [InlineData(true, -3.2)]
    public void Second_derivatives_are_an_option(bool full, double expected)
    {
        var (model, learner) = (new Linear(1, 1), new LearnedOptimiser { Steps = 2, OutputScale = 1, Magnitudes = 0, Layers = 1, Hidden = 1, EveryStep = false });
        learner = full ? learner with { Unrolling = new Unrolling.Full() } : learner;
        var theta = Descending(learner, model, 0.1);
        var slope = learner.MetaGradient(model, theta, new(Square, Square, "x²"), Generator.Seed(1)).Direction["optimiser.output.weight"].ToDouble();
        var ofRate = slope * theta["optimiser.output.weight"].ToDouble() / 0.1; // the weight is proportional to η
        Assert.Equal(2 * 0.64 * expected, ofRate, 1e-3);
    }

    [Fact]
    public void Start_is_drawn_for_each_adaptation_unless_it_is_learned()
    {
        var (model, support) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 5 }, new Nuisance20(5, 1, 3).Sample(Generator.Seed(3)).Support);
        Tensor First(LearnedOptimiser learner, Parameters theta, ulong seed) =>
            learner.Adapt(model, theta, support, Generator.Seed(seed)).Path[0](support.Inputs);
        var drawn = new LearnedOptimiser { Steps = 1 };
        var theta = drawn.Init(model, Generator.Seed(1));
        Assert.All(theta.Names, name => Assert.StartsWith("optimiser.", name, StringComparison.Ordinal));
        Assert.True(First(drawn, theta, 2).BitEquals(model.Forward(model.Init(Generator.Seed(2)), support.Inputs)));
        Assert.False(First(drawn, theta, 2).BitEquals(First(drawn, theta, 3)));
        var learned = drawn with { LearnedStart = true };
        theta = learned.Init(model, Generator.Seed(1));
        Assert.True(First(learned, theta, 2).BitEquals(model.Forward(theta, support.Inputs)));
        Assert.True(First(learned, theta, 3).BitEquals(model.Forward(theta, support.Inputs)));
    }

    // The same weights for every number: an optimiser of a small model serves a larger one.
    [Fact]
    public void Optimiser_of_one_model_serves_another()
    {
        var learner = new LearnedOptimiser { Steps = 2 };
        var theta = learner.Init(new Mlp { Inputs = 20, Hidden = [8], Outputs = 5 }, Generator.Seed(1));
        var support = new Nuisance20(5, 1, 3).Sample(Generator.Seed(3)).Support;
        var larger = new Mlp { Inputs = 20, Hidden = [16, 16], Outputs = 5 };
        Assert.Equal([5, 5], learner.Adapt(larger, theta, support, Generator.Seed(2)).Predict(support.Inputs).Shape);
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("Window", Assert.Throws<ArgumentOutOfRangeException>(() => new LearnedOptimiser { Window = -1 }).Message, StringComparison.Ordinal);
        Assert.Contains("Hidden", Assert.Throws<ArgumentOutOfRangeException>(() => new LearnedOptimiser { Hidden = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("Magnitudes", Assert.Throws<ArgumentOutOfRangeException>(() => new LearnedOptimiser { Magnitudes = -1 }).Message, StringComparison.Ordinal);
    }

    private static Parameters Constant(LearnedOptimiser learner, Linear model, double output) =>
        learner.Init(model, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name switch
        {
            "optimiser.output.weight" => leaf.ZerosLike(),
            "optimiser.output.bias" => leaf.ZerosLike() + output,
            _ => leaf,
        });

    // Input and output gates open, forget gate shut, candidate εg with a small ε: the output is tanh(tanh(εg)) ≈ εg, which the last layer scales by −η/ε.
    private static Parameters Descending(LearnedOptimiser learner, Linear model, double rate)
    {
        const double Small = 1e-3;
        return learner.Init(model, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name switch
        {
            "optimiser.lstm1.weight" => Tensor.From([0, 0, 0, 0, Small, 0, 0, 0], 4, 2), // rows: input, forget, candidate, output; columns: gradient, last output
            "optimiser.lstm1.bias" => Tensor.From([40.0, -40, 0, 40]),
            "optimiser.output.weight" => leaf.ZerosLike() - (rate / Small),
            _ => leaf.ZerosLike(),
        });
    }

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));
}

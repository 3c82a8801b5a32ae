using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class MetaLstmTests
{
    // Gates of constants: f = x² with h = 2, from 1: g = 2. c' = σ(5) − 2 σ(−5).
    [Fact]
    public void Step_with_constant_gates_is_that_worked_out_by_hand()
    {
        var (model, learner) = (new Linear(1, 1), new MetaLstm { Steps = 1 });
        Assert.Equal(0.979921, Path(learner, model, Constant(learner, model, forget: 5, input: -5))[1], 5e-7);
    }

    // σ(−4.59512) = .01 and a forget gate of one: descent at a rate of .01, 1 − .02 in each step.
    [Fact]
    public void Forget_gate_of_one_and_a_constant_input_gate_are_gradient_descent()
    {
        var (model, learner) = (new Linear(1, 1), new MetaLstm { Steps = 3 });
        var path = Path(learner, model, Constant(learner, model, forget: 40, input: -4.59512));
        MamlTests.AssertClose([1, 0.98, 0.9604, 0.941192], path, 1e-7);
    }

    // The same gates with full unrolling are MAML, whose meta-gradient with respect to the start is (1 − αh)^K g (φ_K − b); without, the factor is 1.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Constant_gates_have_the_meta_gradient_of_gradient_descent(bool full)
    {
        var model = new Linear(1, 1);
        var learner = new MetaLstm { Steps = 3, Unrolling = full ? new Unrolling.Full() : new Unrolling.FirstOrder(), Objective = Linear.HalfSquare };
        var theta = Constant(learner, model, forget: 40, input: Math.Log(0.1 / 0.9));
        var episode = new Episode(Linear.Point([Math.Sqrt(2)], 0), Linear.Point([Math.Sqrt(3)], Math.Sqrt(3) * 0.5), "F1");
        var direction = learner.MetaGradient(model, theta, episode, Generator.Seed(1)).Direction;
        Assert.Equal(full ? 0.018432 : 0.036, direction["w"].ToDouble(), 1e-9);
    }

    // dc_1/df~ = σ'(b_F) c_0 and dc_1/di~ = −σ'(b_I) g, by the gates' biases.
    [Fact]
    public void Gates_learn_what_forgetting_and_descending_are_worth()
    {
        var (model, learner) = (new Linear(1, 1), new MetaLstm { Steps = 1, Objective = Linear.HalfSquare });
        var theta = Constant(learner, model, forget: 2, input: -1);
        var (support, query) = (Linear.Point([Math.Sqrt(2)], 0), Linear.Point([1], 0));
        var direction = learner.MetaGradient(model, theta, new(support, query, "by hand"), Generator.Seed(1)).Direction;
        var after = Sigmoid(2) - (2 * Sigmoid(-1));
        Assert.Equal(after * Sigmoid(2) * Sigmoid(-2), direction["lstm.forget.bias"].ToDouble(), 1e-12);
        Assert.Equal(after * -2 * Sigmoid(1) * Sigmoid(-1), direction["lstm.input.bias"].ToDouble(), 1e-12);
    }

    // Exchanging the inputs of f(x) = w·x and the weights to start from exchanges the weights after all steps.
    [Fact]
    public void Permuting_the_numbers_permutes_what_becomes_of_them()
    {
        var (model, mirrored, learner) = (new Linear(2, 1, -3), new Linear(2, -3, 1), new MetaLstm { Steps = 4 });
        var lstm = learner.Init(model, Generator.Seed(1)).To(DType.Float64).Where(name => name != "w");
        lstm = lstm.Map(leaf => leaf * 50);
        Tensor Weights(Linear of, params double[] input) =>
            learner.Adapt(of, of.Init(Generator.Seed(1)).With(lstm), Linear.Point(input, 2), Generator.Seed(1)).Predict(Tensor.Eye(2, DType.Float64));
        MamlTests.AssertClose(Weights(model, 0.5, 2).ToArray<double>(), Weights(mirrored, 2, 0.5).ToArray<double>().Reverse().ToArray(), 1e-12);
    }

    [Fact]
    public void Untrained_gates_descend_slowly()
    {
        var (model, learner) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 5 }, new MetaLstm());
        var theta = learner.Init(model, Generator.Seed(1));
        Assert.InRange(theta["lstm.forget.bias"].ToDouble(), 4, 5);
        Assert.InRange(theta["lstm.input.bias"].ToDouble(), -5, -4);
        Assert.All(theta.Under("lstm").Where(name => !name.EndsWith("put.bias", StringComparison.Ordinal) && name != "forget.bias").Leaves,
            leaf => Assert.InRange(leaf.Abs().Max().ToDouble(), 0, 0.01));
        Assert.True(theta.Where(name => !name.StartsWith("lstm.", StringComparison.Ordinal)).BitEquals(model.Init(Generator.Seed(1))));
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("Steps", Assert.Throws<ArgumentOutOfRangeException>(() => new MetaLstm { Steps = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("Hidden", Assert.Throws<ArgumentOutOfRangeException>(() => new MetaLstm { Hidden = 0 }).Message, StringComparison.Ordinal);
    }

    private static double[] Path(MetaLstm learner, Linear model, Parameters theta) =>
        [.. learner.Adapt(model, theta, Linear.Point([1], 0), Generator.Seed(1)).Path.Select(predict => predict(Tensor.From([1.0], 1, 1)).ToDouble())];

    private static Parameters Constant(MetaLstm learner, Linear model, double forget, double input) =>
        learner.Init(model, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name switch
        {
            "w" => leaf,
            "lstm.forget.bias" => leaf.ZerosLike() + forget,
            "lstm.input.bias" => leaf.ZerosLike() + input,
            _ => leaf.ZerosLike(),
        });

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class BoilTests
{
    // f(x) = v u x with u = 1 (body), v = 2 (head); support (1, 0), query (1, 1), α = .1, half the squared error: u' = u − α v² u = .6, f = v u' = 1.2,
    // L = .02; df/du = v (1 − α v²) = 1.2 and df/dv = u' − 2 α v² u = −.2, times f − 1 = .2.
    [Fact]
    public void Meta_gradient_of_a_product_is_that_of_the_closed_form()
    {
        var model = new Formula(
            [new("u", Tensor.From([1.0], 1, 1)), new("head.weight", Tensor.From([2.0], 1, 1)), new("head.bias", Tensor.From([0.0], 1))],
            (values, inputs) => inputs.Matmul(values["u"]).Matmul(values["head.weight"]) + (0 * values["head.bias"]));
        var boil = new Boil { InnerRate = 0.1, Objective = Linear.HalfSquare };
        var result = boil.MetaGradient(model, model.Values, new(Linear.Point([1], 0), Linear.Point([1], 1), "by hand"), Generator.Seed(1));
        Assert.Equal(0.02, result.Loss.ToDouble(), 1e-12);
        MamlTests.AssertClose([0.24, -0.04, 0], result.Direction.Flatten().ToArray<double>());
    }

    // Changing the head of θ after the fact must change the predictions by just that: the head that predicts is θ's own.
    [Fact]
    public void Head_is_bit_by_bit_the_same_after_adaptation_and_the_body_is_not()
    {
        using var random = Generator.Seed(3);
        var model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 5 };
        var (theta, episode) = (model.Init(random), new Nuisance20(5, 1, 3).Sample(random));
        var zeroHead = theta.Map((name, leaf) => name == "linear2.weight" ? leaf.ZerosLike() : leaf);
        var predict = new Boil { Steps = 3 }.Adapt(model, zeroHead, episode.Support, random).Predict;
        var bias = theta["linear2.bias"].ToArray<float>();
        Assert.All(predict(episode.Query.Inputs).ToArray<float>().Chunk(5), row => Assert.Equal(bias, row));
        var path = new Boil { Steps = 3 }.Adapt(model, theta, episode.Support, random).Path;
        Assert.Equal(4, path.Count);
        Assert.True(path[0](episode.Query.Inputs).BitEquals(model.Forward(theta, episode.Query.Inputs)));
        Assert.False(path[0](episode.Query.Inputs).BitEquals(path[3](episode.Query.Inputs)));
    }

    // The definition, without the split: a gradient of the whole model that is dropped for the head.
    [Fact]
    public void Meta_gradient_is_that_of_maml_with_a_rate_of_zero_for_the_head()
    {
        using var random = Generator.Seed(4);
        var model = new Mlp { Inputs = 20, Hidden = [6], Outputs = 5, Activation = Activation.Tanh };
        var theta = model.Init(random).To(DType.Float64);
        var episode = new Nuisance20(5, 2, 2).Sample(random).To(DType.Float64);
        var rates = theta.Map((name, leaf) => leaf.ZerosLike() + (name.StartsWith("linear2", StringComparison.Ordinal) ? 0 : 0.3)).Prefixed("rates");
        var expected = new MetaSgd { Steps = 2 }.MetaGradient(model, theta.With(rates), episode, random).Direction.Without("rates");
        var actual = new Boil { InnerRate = 0.3, Steps = 2 }.MetaGradient(model, theta, episode, random).Direction;
        MamlTests.AssertClose(expected.Flatten().ToArray<double>(), actual.Flatten().ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Models_without_a_body_or_without_a_head_are_refused_by_the_names_of_their_parameters()
    {
        var episode = new Nuisance20(5, 1, 1).Sample(Generator.Seed(1));
        string Refusal(IModel model) => Assert.Throws<ArgumentException>(
            () => new Boil().Adapt(model, model.Init(Generator.Seed(1)), episode.Support, Generator.Seed(1))).Message;
        Assert.Contains("linear1.weight, linear1.bias alone", Refusal(new Mlp { Inputs = 20, Hidden = [], Outputs = 5 }), StringComparison.Ordinal);
        Assert.Contains("but these are w", Refusal(new Linear(1, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("InnerRate", Assert.Throws<ArgumentOutOfRangeException>(() => new Boil { InnerRate = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("Steps", Assert.Throws<ArgumentOutOfRangeException>(() => new Boil { Steps = 0 }).Message, StringComparison.Ordinal);
    }
}

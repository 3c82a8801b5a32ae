using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class CaviaTests
{
    // f(x) = w x + b + v c with w = v = 1, b = 0; support (1, 2), query (2, 3), α = .5, half the squared error: c = .5, L = .125. Beside these,
    // db = (f − 3)(1 − α v²). With a constant inner gradient c is a constant: (f − 3) times 2, 1 and c.
    [Theory]
    [InlineData(false, new[] { -0.75, -0.25, -0.5 })]
    [InlineData(true, new[] { -1, -0.5, -0.25 })]
    public void Meta_gradient_of_a_line_is_that_of_the_closed_form(bool firstOrder, double[] expected)
    {
        var cavia = new Cavia
        {
            Contexts = 1,
            InnerRate = 0.5,
            Objective = Linear.HalfSquare,
            Unrolling = firstOrder ? new Unrolling.FirstOrder() : new Unrolling.Full(),
        };
        Parameters theta =
        [
            new("linear1.weight", Tensor.From([1.0], 1, 1)), new("linear1.bias", Tensor.From([0.0], 1)), new("context.linear1.bias", Tensor.From([1.0], 1, 1)),
        ];
        var result = cavia.MetaGradient(Line, theta, new(Linear.Point([1], 2), Linear.Point([2], 3), "by hand"), Generator.Seed(1));
        Assert.Equal(0.125, result.Loss.ToDouble(), 1e-12);
        MamlTests.AssertClose(expected, result.Direction.Flatten().ToArray<double>());
    }

    [Fact]
    public void Context_starts_at_zero_and_without_its_map_it_has_no_effect()
    {
        var (model, theta, episode) = Setting();
        var plain = model.Forward(theta, episode.Query.Inputs);
        var path = new Cavia { Steps = 2 }.Adapt(model, theta, episode.Support, Generator.Seed(1)).Path;
        Assert.True(plain.BitEquals(path[0](episode.Query.Inputs)));
        Assert.False(plain.BitEquals(path[2](episode.Query.Inputs)));
        var cut = theta.Map((name, leaf) => name.StartsWith("context", StringComparison.Ordinal) ? leaf.ZerosLike() : leaf);
        Assert.True(plain.BitEquals(new Cavia { Steps = 2 }.Adapt(model, cut, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs)));
    }

    // The paper's form: the context numbers are inputs of the first layer, beside the example's own.
    [Fact]
    public void Moving_the_bias_of_the_first_layer_is_the_same_as_further_inputs_of_it()
    {
        var (model, theta, episode) = Setting();
        var wide = new Mlp { Inputs = 20 + 5, Hidden = [6], Outputs = 5, Activation = Activation.Tanh };
        var joined = theta.Without("context").Map((name, leaf) => name == "linear1.weight" ? Tensor.Cat([leaf, theta["context.linear1.bias"]], 1) : leaf);
        Tensor Forward(Tensor context, Examples examples) =>
            wide.Forward(joined, Tensor.Cat([examples.Inputs, Tensor.Ones([examples.Count, 1], DType.Float64) * context], 1));
        var context = Tensor.Zeros([5], DType.Float64);
        for (var step = 0; step < 2; step++)
        {
            context -= 0.7 * Transforms.Grad(at => Objectives.CrossEntropy(Forward(at, episode.Support), episode.Support), context);
        }

        var actual = new Cavia { InnerRate = 0.7, Steps = 2 }.Adapt(model, theta, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs);
        MamlTests.AssertClose(Forward(context, episode.Query).ToArray<double>(), actual.ToArray<double>(), 1e-12);
    }

    // L(α, V) = L(sα, V / √s) after one step, as the gradient carries V, too.
    [Fact]
    public void Rate_and_scale_of_the_map_trade_off()
    {
        var (model, theta, episode) = Setting();
        var scaled = theta.Map((name, leaf) => name.StartsWith("context", StringComparison.Ordinal) ? leaf * 0.5 : leaf);
        double Loss(double rate, Parameters at) => new Cavia { InnerRate = rate }.MetaGradient(model, at, episode, Generator.Seed(1)).Loss.ToDouble();
        Assert.Equal(Loss(0.5, theta), Loss(2, scaled), 1e-12);
        Assert.NotEqual(Loss(0.5, theta), Loss(0.5, scaled), 1e-6);
    }

    [Fact]
    public void Context_moves_scale_and_shift_of_the_third_norm_or_of_the_layer_that_is_named()
    {
        var images = new Conv4 { Height = 16, Width = 16, Filters = 4, Outputs = 3 };
        Assert.Equal(["norm3.weight", "norm3.bias"], new Cavia().Init(images, Generator.Seed(1)).Under("context").Names);
        Assert.Equal(["linear1.bias"], new Cavia().Init(new Mlp(), Generator.Seed(1)).Under("context").Names);
        Assert.Equal([40, 7], new Cavia { Layer = "linear2", Contexts = 7 }.Init(new Mlp(), Generator.Seed(1))["context.linear2.bias"].Shape);
        var refusal = Assert.Throws<ArgumentException>(() => new Cavia { Layer = "norm3" }.Init(new Mlp(), Generator.Seed(1)));
        Assert.Contains("no such layer 'norm3' among linear1.weight", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("Contexts", Assert.Throws<ArgumentOutOfRangeException>(() => new Cavia { Contexts = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("InnerRate", Assert.Throws<ArgumentOutOfRangeException>(() => new Cavia { InnerRate = 0 }).Message, StringComparison.Ordinal);
    }

    private static Mlp Line => new() { Inputs = 1, Hidden = [], Outputs = 1 };

    private static (IModel Model, Parameters Theta, Episode Episode) Setting()
    {
        using var random = Generator.Seed(2);
        var model = new Mlp { Inputs = 20, Hidden = [6], Outputs = 5, Activation = Activation.Tanh };
        return (model, new Cavia().Init(model, random).To(DType.Float64), new Nuisance20(5, 2, 2).Sample(random).To(DType.Float64));
    }
}

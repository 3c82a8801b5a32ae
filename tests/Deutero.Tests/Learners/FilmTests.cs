using Deutero.Learners;
using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class FilmTests
{
    private static readonly Conv4 s_images = new() { Height = 16, Width = 16, Filters = 4 };

    // γ ⊙ (Wx + b) + β before the rectifier, with γ and β from the networks number by number.
    [Fact]
    public void Modulated_layer_is_scaled_and_shifted_before_its_non_linearity()
    {
        var model = new Mlp { Inputs = 3, Hidden = [4], Outputs = 0 };
        var (body, random) = (model.Init(Generator.Seed(1)).To(DType.Float64), Generator.Seed(2));
        var networks = Film.Init(body, 5, units => random.Normal([units]), random).To(DType.Float64);
        var (task, inputs) = (random.Normal([1, 5], dtype: DType.Float64), random.Normal([6, 3], dtype: DType.Float64));
        var plain = inputs.Matmul(body["linear1.weight"].T()) + body["linear1.bias"];
        double[] gamma = [.. Read(networks.Under("linear1.scale"), task).Select(value => 1 + value)];
        var expected = ((plain * Tensor.From(gamma)) + Tensor.From(Read(networks.Under("linear1.shift"), task))).Relu();
        MamlTests.AssertClose(expected.ToArray<double>(), model.Forward(Film.Modulated(body, networks, task), inputs).ToArray<double>(), 1e-12);
    }

    [Theory]
    [InlineData("conv4", 4)]
    [InlineData("resnet12", 16)]
    [InlineData("mlp", 2)]
    public void Layers_are_those_that_normalise_or_all_that_have_a_bias(string architecture, int layers)
    {
        IModel model = architecture switch
        {
            "conv4" => s_images,
            "resnet12" => new ResNet12 { Widths = [4, 4, 4, 4] },
            _ => new Mlp { Inputs = 3, Hidden = [4, 5], Outputs = 0 },
        };
        var body = model.Init(Generator.Seed(1));
        var networks = Film.Init(body, 5, _ => Tensor.Ones([]), Generator.Seed(2));
        var modulated = Film.Modulated(body, networks, Tensor.Ones([1, 5]));
        Assert.Equal(2 * layers, Film.Multipliers(networks).Count);
        Assert.Equal(2 * layers, body.Names.Count(name => !modulated[name].BitEquals(body[name])));
        Assert.Equal(body.Names, modulated.Names);
    }

    // Of 1 and 0 for the first block: every channel of it, and nothing else, moves by γ and β behind the normalisation.
    [Fact]
    public void Channels_are_modulated_behind_their_normalisation()
    {
        var body = s_images.Init(Generator.Seed(1)).To(DType.Float64);
        var networks = Film.Init(body, 1, units => Tensor.Zeros([units]), Generator.Seed(2)).To(DType.Float64).Map((name, leaf) => name switch
        {
            "norm4.scale.multiplier" => Tensor.Full([4], (Scalar)2.0, DType.Float64),
            "norm4.shift.multiplier" => Tensor.Full([4], (Scalar)3.0, DType.Float64),
            _ when name.Contains("linear3.bias", StringComparison.Ordinal) => leaf.OnesLike(),
            _ when name.Contains("linear", StringComparison.Ordinal) => leaf.ZerosLike(),
            _ => leaf,
        });
        var modulated = Film.Modulated(body, networks, Tensor.Ones([1, 1], DType.Float64));
        MamlTests.AssertClose([3, 3, 3, 3], modulated["norm4.weight"].ToArray<double>(), 1e-12); // 1 + 2 · 1
        MamlTests.AssertClose([3, 3, 3, 3], modulated["norm4.bias"].ToArray<double>(), 1e-12); // 0 + 3 · 1
        Assert.True(modulated.Where(name => !name.StartsWith("norm4", StringComparison.Ordinal)).BitEquals(body.Where(name => !name.StartsWith("norm4", StringComparison.Ordinal))));
    }

    [Fact]
    public void Body_without_a_layer_that_a_task_could_modulate_is_refused()
    {
        Parameters body = [new("w", Tensor.Ones([2, 2]))];
        var message = Assert.Throws<ArgumentException>(() => Film.Init(body, 1, _ => Tensor.Ones([]), Generator.Seed(1))).Message;
        Assert.Contains("weight and a bias", message, StringComparison.Ordinal);
        Assert.EndsWith("among w.", message, StringComparison.Ordinal);
    }

    private static double[] Read(Parameters network, Tensor task)
    {
        double[] Line(string name, double[] input)
        {
            var weight = network[$"{name}.weight"].ToArray<double>().Chunk(input.Length);
            return [.. weight.Zip(network[$"{name}.bias"].ToArray<double>(), (row, bias) => row.Zip(input, (w, x) => w * x).Sum() + bias)];
        }

        double[] Swish(double[] values) => [.. values.Select(x => x / (1 + Math.Exp(-x)))];
        double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
        var first = Swish(Line("linear1", task.Reshape([-1]).ToArray<double>()));
        var second = Sum(first, Swish(Line("linear2", first)));
        return [.. Sum(second, Line("linear3", second)).Zip(network["multiplier"].ToArray<double>(), (value, by) => value * by)];
    }
}

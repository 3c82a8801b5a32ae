using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Tests.Models;

public sealed class MlpTests
{
    [Fact]
    public void Sinusoid_network_has_1761_parameters_within_the_bound_of_their_fan_in()
    {
        var theta = new Mlp().Init(Generator.Seed(1));
        Assert.Equal((1 * 40) + 40 + (40 * 40) + 40 + 40 + 1, theta.ElementCount);
        Assert.InRange(theta["linear2.weight"].Abs().Max().ToDouble(), 0.9 / Math.Sqrt(40), 1 / Math.Sqrt(40));
    }

    [Theory]
    [InlineData(Activation.Relu, 0, 2)]
    [InlineData(Activation.Tanh, -0.76159415595576, 0.96402758007582)]
    [InlineData(Activation.Softplus, 0.31326168751822, 2.12692801104297)]
    [InlineData(Activation.Elu, -0.63212055882856, 2)]
    public void Hidden_layers_apply_their_activation_and_the_head_none(Activation activation, double atMinusOne, double atTwo)
    {
        Parameters theta =
        [
            new("linear1.weight", Tensor.From([1.0, 1], 2, 1)), new("linear1.bias", Tensor.From([0.0, 3])),
            new("linear2.weight", Tensor.From([-2.0, 1], 1, 2)), new("linear2.bias", Tensor.From([0.5])),
        ];
        var model = new Mlp { Hidden = [2], Activation = activation };
        Assert.Equal((-2 * atMinusOne) + atTwo + 0.5, model.Forward(theta, Tensor.From([-1.0], 1, 1)).ToDouble(), 1e-12);
    }

    [Fact]
    public void Items_of_any_shape_are_flattened()
    {
        var model = new Mlp().WithShape([2, 3, 4], 7);
        Assert.Equal([5, 7], model.Forward(model.Init(Generator.Seed(1)), Tensor.Zeros([5, 2, 3, 4])).Shape);
    }
}

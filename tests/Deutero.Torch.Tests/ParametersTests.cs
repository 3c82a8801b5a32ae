using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class ParametersTests
{
    private static Parameters Theta => [new("w", Matrix(2, 1, 2, 3, 4)), new("b", Vector(5, 6))];

    [Fact]
    public void Arithmetic_is_leaf_by_leaf()
    {
        var theta = Theta;

        Close([2, 4, 6, 8], (theta + theta)["w"]);
        Close([4.5, 5.4], (theta - (0.1 * theta))["b"]);
        Close([25, 36], (theta * theta)["b"]);
        Close([10, 12], (Scalar(2) * theta)["b"]);
        Close([30 + 61], theta.Dot(theta));
    }

    [Fact]
    public void Other_names_are_refused_with_both_structures()
    {
        Parameters other = [new("b", Scalar(1)), new("w", Scalar(1))];

        Assert.Equal("Parameters [w, b] cannot be combined with [b, w].", Assert.Throws<ArgumentException>(() => Theta + other).Message);
        Assert.Equal("There is no parameter 'v'; there are w, b.", Assert.Throws<KeyNotFoundException>(() => Theta["v"]).Message);
        Assert.Equal("The parameter name 'w' occurs twice.", Assert.Throws<ArgumentException>(() => Parameters.Create([new("w", Scalar(1)), new("w", Scalar(2))])).Message);
    }

    [Fact]
    public void Flattening_and_its_inverse_keep_the_order()
    {
        var flat = Theta.Flatten();

        Close([1, 2, 3, 4, 5, 6], flat);
        Assert.True(Theta.Unflatten(flat).BitEquals(Theta));
        Assert.Throws<ArgumentException>(() => Theta.Unflatten(Vector(1, 2)));
        Assert.Equal((2, 6L), (Theta.Count, Theta.ElementCount));
    }

    [Fact]
    public void Parts_are_taken_replaced_and_prefixed()
    {
        var theta = Theta;

        Assert.Equal(["b"], theta.Where(name => name == "b").Names);
        Assert.Equal(["head.w", "head.b"], theta.Prefixed("head").Names);
        Assert.True(theta.Prefixed("head").Under("head").BitEquals(theta));
        Assert.Empty(theta.Prefixed("head").Under("hea"));
        Assert.Equal(theta.Names, theta.With(theta.Prefixed("head")).Without("head").Names);
        var replaced = theta.With([new("b", Scalar(1)), new("c", Scalar(2))]);
        Assert.Equal(["w", "b", "c"], replaced.Names);
        Close([1], replaced["b"]);
        Assert.Equal(["w", "b"], theta.Names);
    }

    [Fact]
    public void Conversions_and_detaching_reach_every_leaf()
    {
        Parameters leaves = Theta.Map(Autograd.Leaf);

        Assert.All(leaves.Leaves, leaf => Assert.True(leaf.RequiresGrad));
        Assert.All(leaves.Detach().Leaves, leaf => Assert.False(leaf.RequiresGrad));
        Assert.All(Theta.To(DType.Float32).Leaves, leaf => Assert.Equal(DType.Float32, leaf.DType));
        Assert.False(Theta.BitEquals(Theta.To(DType.Float32)));
        Assert.Equal("Parameters (2 tensors, 6 elements)", Theta.ToString());
    }
}

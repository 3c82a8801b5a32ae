using Deutero.Torch.Serialization;

namespace Deutero.Torch.Tests;

public class ParametersTests
{
    private static Parameters Theta => [new("b.weight", Tensor.From(new float[] { 1, 2, 3, 4 }, 2, 2)), new("a.bias", Tensor.From(new float[] { 5, 6 }))];

    [Fact]
    public void Arithmetic_is_leaf_by_leaf_and_changes_nothing_in_place()
    {
        using var scope = new TensorScope();
        var theta = Theta;
        var moved = theta - (0.5 * theta);
        Assert.Equal([0.5f, 1, 1.5f, 2], moved["b.weight"].ToArray<float>());
        Assert.Equal([1f, 2, 3, 4], theta["b.weight"].ToArray<float>());
        Assert.Equal(1 + 4 + 9 + 16 + 25 + 36, theta.Dot(theta).ToDouble());
    }

    [Fact]
    public void Flatten_and_unflatten_are_inverse()
    {
        using var scope = new TensorScope();
        Assert.Equal([1f, 2, 3, 4, 5, 6], Theta.Flatten().ToArray<float>());
        Assert.True(Theta.BitEquals(Theta.Unflatten(Theta.Flatten())));
        Assert.Contains("6 elements", Assert.Throws<ArgumentException>(() => Theta.Unflatten(Tensor.Ones([5]))).Message);
    }

    [Fact]
    public void Different_structures_are_refused_with_both_shown()
    {
        using var scope = new TensorScope();
        Parameters other = [new("c", Tensor.Ones([1]))];
        var message = Assert.Throws<ArgumentException>(() => Theta + other).Message;
        Assert.Contains("b.weight, a.bias", message);
        Assert.Contains("[c]", message);
        Assert.Contains("'x'", Assert.Throws<KeyNotFoundException>(() => Theta["x"]).Message);
        Assert.Throws<ArgumentException>(() => Parameters.Create([new("c", Tensor.Ones([1])), new("c", Tensor.Ones([1]))]));
    }

    [Fact]
    public void Files_keep_order_bits_and_metadata()
    {
        using var scope = new TensorScope();
        var path = Path.Combine(Path.GetTempPath(), $"deutero-{Guid.NewGuid():N}.safetensors");
        try
        {
            SafetensorsParameters.Save(path, Theta.With([new("n", Tensor.From(new long[] { 7 }))]), new Dictionary<string, string> { ["who"] = "me" });
            var (read, metadata) = SafetensorsParameters.Load(path);
            Assert.Equal(["b.weight", "a.bias", "n"], read.Names);
            Assert.True(Theta.With([new("n", Tensor.From(new long[] { 7 }))]).BitEquals(read));
            Assert.Equal("me", Assert.Single(metadata).Value);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

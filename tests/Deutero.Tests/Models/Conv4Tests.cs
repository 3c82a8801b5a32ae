using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Tests.Models;

public sealed class Conv4Tests
{
    [Theory]
    [InlineData(1, 28, 64)]
    [InlineData(3, 84, 1600)]
    public void Embeds_images_into_as_many_features_as_the_papers_say(int channels, int side, int features)
    {
        var model = new Conv4 { Channels = channels, Height = side, Width = side };
        using var random = Generator.Seed(1);
        Assert.Equal([2, features], model.Forward(model.Init(random), random.Normal([2, channels, side, side])).Shape);
    }

    // Convolutions 9·C·64 + 3·9·64·64, without the 256 biases of some programs; scale and shift 4·2·64.
    [Theory]
    [InlineData(1, 111_680)]
    [InlineData(3, 112_832)]
    public void Embedding_has_the_number_of_parameters_of_the_literature(int channels, long expected) =>
        Assert.Equal(expected, new Conv4 { Channels = channels }.Init(Generator.Seed(1)).ElementCount);

    [Fact]
    public void Head_adds_its_weights_and_biases() =>
        Assert.Equal(111_680 + (64 * 5) + 5, new Conv4 { Outputs = 5 }.Init(Generator.Seed(1)).ElementCount);

    // 28-14-7-4-2, then the spatial mean: 64 features again.
    [Fact]
    public void Strided_network_of_maml_ends_in_its_filters()
    {
        var model = new Conv4 { Downsampling = Downsampling.Stride, Outputs = 5 };
        var theta = model.Init(Generator.Seed(1));
        Assert.Equal([5, 64], theta["head.weight"].Shape);
        Assert.Equal([3, 5], model.Forward(theta, Generator.Seed(2).Normal([3, 1, 28, 28])).Shape);
    }

    [Fact]
    public void Images_of_another_shape_are_refused_by_name()
    {
        var model = new Conv4();
        var error = Assert.Throws<ArgumentException>(() => model.Forward(model.Init(Generator.Seed(1)), Tensor.Zeros([2, 3, 28, 28])));
        Assert.Contains("[2, 3, 28, 28]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[20]", Assert.Throws<ArgumentException>(() => model.WithShape([20], 5)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1, 7, 6)]
    [InlineData(1, 2, 7, 8)]
    [InlineData(3, 1, 5, 5)]
    [InlineData(3, 2, 6, 9)]
    public void Product_of_patches_is_the_convolution_with_its_first_and_second_derivatives(int channels, int stride, int height, int width)
    {
        using var random = Generator.Seed(1);
        var images = random.Normal([2, channels, height, width], dtype: DType.Float64);
        Parameters weight = [new("w", random.Normal([4, channels, 3, 3], dtype: DType.Float64))];
        Parameters vector = [new("w", random.Normal([4, channels, 3, 3], dtype: DType.Float64))];
        Tensor Patches(Parameters at) => Layers.Convolve(images, at["w"], stride);
        Tensor Library(Parameters at) => Tensor.Conv2d(images, at["w"], null, [stride, stride], [1, 1]);
        Close(Library(weight), Patches(weight));
        Close(
            Transforms.Grad(at => Library(at).Pow(3).Sum(), weight)["w"], Transforms.Grad(at => Patches(at).Pow(3).Sum(), weight)["w"]);
        Close(
            Transforms.Hvp(at => Library(at).Pow(3).Sum(), weight, vector)["w"], Transforms.Hvp(at => Patches(at).Pow(3).Sum(), weight, vector)["w"]);
    }

    private static void Close(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.InRange((expected - actual).Abs().Max().ToDouble(), 0, 1e-12 * expected.Abs().Max().ToDouble());
    }
}

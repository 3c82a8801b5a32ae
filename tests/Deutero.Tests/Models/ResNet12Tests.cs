using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Tests.Models;

public sealed class ResNet12Tests
{
    // Each block: 9·in·out + 2·9·out² + in·out weights, and scale and shift of four BatchNorms.
    [Fact]
    public void Wide_network_has_12_4_million_parameters() => Assert.Equal(12_424_320, new ResNet12().Init(Generator.Seed(1)).ElementCount);

    [Fact]
    public void Narrow_network_has_8_million_parameters() =>
        Assert.Equal(7_996_800, new ResNet12 { Widths = [64, 128, 256, 512] }.Init(Generator.Seed(1)).ElementCount);

    [Theory]
    [InlineData(32)]
    [InlineData(84)]
    public void Features_are_the_last_width_whatever_the_size_of_the_images(int side)
    {
        var model = new ResNet12 { Widths = [4, 6, 8, 10] };
        Assert.Equal([2, 10], model.Forward(model.Init(Generator.Seed(1)), Generator.Seed(2).Normal([2, 3, side, side])).Shape);
    }

    [Fact]
    public void Head_has_the_outputs_asked_for()
    {
        var model = new ResNet12 { Widths = [4, 6, 8, 10] }.WithShape([1, 16, 16], 5);
        Assert.Equal([3, 5], model.Forward(model.Init(Generator.Seed(1)), Generator.Seed(2).Normal([3, 1, 16, 16])).Shape);
    }

    [Fact]
    public void Every_batch_norm_reports_its_statistics()
    {
        var model = new ResNet12 { Widths = [2, 2, 2, 2] };
        var statistics = model.BatchStatistics(model.Init(Generator.Seed(1)), Generator.Seed(2).Normal([3, 3, 16, 16]));
        Assert.Equal(4 * 4 * 2, statistics.Count);
        Assert.Equal([3, 2], model.WithStatistics(statistics).Forward(model.Init(Generator.Seed(1)), Tensor.Zeros([3, 3, 16, 16])).Shape);
    }
}

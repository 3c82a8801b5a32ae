namespace Deutero.Data.Tests;

public sealed class FramedImagesTests
{
    [Fact]
    public void A_grey_image_is_put_into_the_middle_of_every_channel()
    {
        var pool = new ImageClasses("pool", new ImageBuffer([51, 102, 153, 204, 255, 0], 1, 2, 3, PixelLayout.ChannelsFirst), [new ImageClass("A", [0]) { Group = "g" }]);
        var framed = new FramedImages(pool, 3, 5);
        Assert.Equal([3L, 5, 5], framed.ItemShape);
        Assert.Equal(("pool", "A", "g", 1, 1), (framed.Name, framed.ClassName(0), framed.Group(0), framed.ClassCount, framed.ItemCount(0)));
        float[] plane = [0, 0, 0, 0, 0, 0, .2f, .4f, .6f, 0, 0, .8f, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal([.. plane, .. plane, .. plane], Write(framed).Select(value => MathF.Round(value, 4)));
    }

    [Fact]
    public void An_image_of_the_size_of_the_frame_stays_as_it_is()
    {
        var pool = new ImageClasses("pool", new ImageBuffer([.. Enumerable.Range(0, 12).Select(i => (byte)i)], 3, 2, 2, PixelLayout.ChannelsFirst), [new ImageClass("A", [0])]);
        Assert.Equal(Enumerable.Range(0, 12), Write(new(pool, 3, 2)).Select(value => (int)MathF.Round(value * 255)));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_its_shape()
    {
        var pool = new ImageClasses("pool", new ImageBuffer(new byte[18], 2, 3, 3, PixelLayout.ChannelsFirst), [new ImageClass("A", [0])]);
        Assert.Contains("[2, 3, 3] of pool", Assert.Throws<ArgumentException>(() => new FramedImages(pool, 2, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new FramedImages(pool, 3, 4));
    }

    private static float[] Write(FramedImages pool)
    {
        var values = new float[pool.ItemShape.Aggregate(1L, (a, b) => a * b)];
        Array.Fill(values, 9);
        pool.Write(0, 0, values);
        return values;
    }
}

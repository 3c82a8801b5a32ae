using Deutero.Evaluation;

namespace Deutero.Data.Tests;

public sealed class ImageClassesTests
{
    // One 2x2 image:  1 2
    //                 3 4
    private static readonly ImageBuffer Square = new([1, 2, 3, 4], 1, 2, 2, PixelLayout.ChannelsFirst);

    [Theory]
    [InlineData(0, "A/rot000", new[] { 1, 2, 3, 4 })]
    [InlineData(1, "A/rot090", new[] { 2, 4, 1, 3 })]
    [InlineData(2, "A/rot180", new[] { 4, 3, 2, 1 })]
    [InlineData(3, "A/rot270", new[] { 3, 1, 4, 2 })]
    public void Rotated_classes_are_turned_counter_clockwise(int classIndex, string name, int[] expected)
    {
        var pool = new ImageClasses("pool", Square, [new ImageClass("A", [0])]) { Rotations = true };
        Assert.Equal(4, pool.ClassCount);
        Assert.Equal(name, pool.ClassName(classIndex));
        Assert.Equal(expected, Write(pool, classIndex, 0).Select(value => (int)Math.Round(value * 255)));
    }

    [Fact]
    public void Four_quarter_turns_of_a_larger_image_are_no_turn()
    {
        var pixels = Enumerable.Range(0, 25).Select(i => (byte)i).ToArray();
        var turned = pixels;
        for (var turn = 1; turn <= 4; turn++)
        {
            var pool = new ImageClasses("pool", new ImageBuffer(turned, 1, 5, 5, PixelLayout.ChannelsFirst), [new ImageClass("A", [0])]) { Rotations = true };
            turned = [.. Write(pool, 1, 0).Select(value => (byte)Math.Round(value * 255))];
            var direct = new ImageClasses("pool", new ImageBuffer(pixels, 1, 5, 5, PixelLayout.ChannelsFirst), [new ImageClass("A", [0])]) { Rotations = true };
            Assert.Equal(turned, Write(direct, turn % 4, 0).Select(value => (byte)Math.Round(value * 255)));
        }
    }

    [Fact]
    public void Both_layouts_write_channels_first()
    {
        ImageClass[] classes = [new("A", [0])];
        var planes = new ImageClasses("pool", new ImageBuffer([1, 2, 3, 4, 5, 6], 3, 1, 2, PixelLayout.ChannelsFirst), classes);
        var interleaved = new ImageClasses("pool", new ImageBuffer([1, 3, 5, 2, 4, 6], 3, 1, 2, PixelLayout.ChannelsLast), classes);
        Assert.Equal([3L, 1, 2], planes.ItemShape);
        Assert.Equal(Write(planes, 0, 0), Write(interleaved, 0, 0));
    }

    [Fact]
    public void Inversion_turns_white_to_0_and_black_to_1()
    {
        var pool = new ImageClasses("pool", new ImageBuffer([0, 255], 1, 1, 2, PixelLayout.ChannelsFirst), [new ImageClass("A", [0])]) { Invert = true };
        Assert.Equal([1f, 0f], Write(pool, 0, 0));
    }

    [Fact]
    public void Wrong_uses_are_refused_with_what_was_found()
    {
        var oblong = new ImageBuffer([1, 2], 1, 1, 2, PixelLayout.ChannelsFirst);
        Assert.Contains("need square images", Assert.Throws<ArgumentException>(() => new ImageClasses("p", oblong, []) { Rotations = true }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ImageClasses("p", Square, [new ImageClass("A", [1])]));
        Assert.Throws<ArgumentException>(() => new ImageClasses("p", Square, [new ImageClass("A", [0]), new ImageClass("A", [0])]));
        var pool = new ImageClasses("p", Square, [new ImageClass("A", [0])]);
        Assert.Contains("4 values, not 3", Assert.Throws<ArgumentException>(() => pool.Write(0, 0, new float[3])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.ItemCount(1));
    }

    [Fact]
    public void Shared_classes_are_refused_by_name()
    {
        ImageClasses Pool(string name, params string[] classes) => new(name, Square, classes.Select(c => new ImageClass(c, [0])));
        EpisodeGuard.RefuseClassOverlap(Pool("train", "A"), Pool("validation", "B"), Pool("test", "C"));
        var refusal = Assert.Throws<ArgumentException>(() => EpisodeGuard.RefuseClassOverlap(Pool("train", "A", "cat"), Pool("validation", "B"), Pool("test", "cat", "C")));
        Assert.StartsWith("Class 'cat' is in both train and test", refusal.Message, StringComparison.Ordinal);
    }

    private static float[] Write(ImageClasses pool, int classIndex, int item)
    {
        var values = new float[pool.ItemShape.Aggregate(1L, (a, b) => a * b)];
        pool.Write(classIndex, item, values);
        return values;
    }
}

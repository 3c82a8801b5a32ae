using Deutero.Torch.Imaging;

namespace Deutero.Data.Tests.Imaging;

public sealed class JpegTests
{
    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("restart.jpg")]
    public void Colours_of_the_drawn_disc_and_of_the_gradient_are_found(string name)
    {
        var image = ImageFile.Decode(Sample(name), 3);
        Assert.Equal((48, 40), (image.Width, image.Height));
        var disc = image.Pixels.AsSpan(((18 * 48) + 20) * 3, 3).ToArray();
        Assert.All(disc.Zip(new[] { 230, 40, 60 }), pair => Assert.InRange(pair.First, pair.Second - 25, pair.Second + 25));
    }

    [Fact]
    public void All_codings_of_one_picture_decode_alike()
    {
        var baseline = ImageFile.Decode(Sample("baseline.jpg"), 3).Pixels;
        Assert.Equal(baseline, ImageFile.Decode(Sample("restart.jpg"), 3).Pixels);
        Assert.Equal(baseline, ImageFile.Decode(Sample("progressive.jpg"), 3).Pixels);
    }

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("restart.jpg")]
    [InlineData("grey.jpg")]
    public void Truncated_file_is_refused_at_every_length(string name)
    {
        var file = Sample(name);
        for (var length = 0; length < file.Length; length++)
        {
            Assert.Throws<ImageFormatException>(() => ImageFile.Decode(file.AsSpan(0, length), 3));
        }
    }

    [Fact]
    public void Truncated_file_that_was_closed_with_an_end_marker_is_refused_where_too_few_bits_are_left()
    {
        var file = Sample("grey.jpg");
        var scan = IndexOf(file, 0xDA);
        Assert.Contains("too few for 48x40 pixels", Refusal([.. file[..(scan + 10)], 0x12, 0x34, 0xFF, 0xD9]), StringComparison.Ordinal);
    }

    [Fact]
    public void Huffman_table_with_too_many_codes_is_refused()
    {
        var file = Sample("baseline.jpg");
        file.AsSpan(IndexOf(file, 0xC4) + 5, 16).Fill(0xFF);
        Assert.Contains("Huffman table that is not legal", Refusal(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_without_its_tables_is_refused()
    {
        var file = Sample("grey.jpg");
        var table = IndexOf(file, 0xDB);
        var length = (file[table + 2] << 8) | file[table + 3];
        Assert.Contains("table that is not defined", Refusal([.. file[..table], .. file[(table + 2 + length)..]]), StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_restart_marker_is_refused()
    {
        var file = Sample("restart.jpg");
        var marker = IndexOf(file, 0xD0);
        Assert.Contains("restart marker", Refusal([.. file[..marker], .. file[(marker + 2)..]]), StringComparison.Ordinal);
    }

    [Fact]
    public void Great_sizes_are_refused()
    {
        var file = Sample("baseline.jpg");
        var frame = IndexOf(file, 0xC0);
        (file[frame + 5], file[frame + 7]) = (0xFF, 0xFF);
        Assert.Contains("where 1 to 8192 a side are read", Refusal(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("restart.jpg")]
    [InlineData("grey.jpg")]
    public void Ten_thousand_mutations_neither_crash_nor_hang(string name)
    {
        var refused = Hostile.Feed<ImageFormatException>(Sample(name), 10_000, bytes => ImageFile.Decode(bytes, 3));
        Assert.InRange(refused, 2_000, 9_999);
    }

    private static int IndexOf(byte[] file, byte marker) => file.AsSpan().IndexOf([(byte)0xFF, marker]);

    private static string Refusal(byte[] file) =>
        Assert.Throws<ImageFormatException>(() => ImageFile.Decode(file, 3, "photo.jpg")).Message;

    private static byte[] Sample(string name)
    {
        using var stream = typeof(JpegTests).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

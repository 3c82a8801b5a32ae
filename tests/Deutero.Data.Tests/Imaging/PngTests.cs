using Deutero.Torch.Imaging;

namespace Deutero.Data.Tests.Imaging;

public sealed class PngTests
{
    private static readonly byte[] Rows2x2 = [0, 10, 20, 0, 30, 40];

    private static byte[] Grey2x2 => Png.File(2, 2, 8, 0, Rows2x2);

    [Fact]
    public void Encoded_image_decodes_to_the_same_pixels()
    {
        var image = Colours(37, 23);
        var decoded = ImageFile.Decode(image.EncodePng(), 3);
        Assert.Equal((37, 23, 3), (decoded.Width, decoded.Height, decoded.Channels));
        Assert.Equal(image.Pixels, decoded.Pixels);
    }

    [Fact]
    public void Grey_pixels_are_read_and_spread_over_three_channels()
    {
        Assert.Equal([10, 20, 30, 40], ImageFile.Decode(Grey2x2, 1).Pixels);
        Assert.Equal([10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40], ImageFile.Decode(Grey2x2, 3).Pixels);
    }

    [Fact]
    public void One_bit_pixels_become_0_and_255() =>
        Assert.Equal([0, 255, 0, 255], ImageFile.Decode(Png.File(2, 2, 1, 0, [0, 0b0100_0000, 0, 0b0100_0000]), 1).Pixels);

    [Fact]
    public void Sixteen_bit_samples_keep_their_upper_byte() =>
        Assert.Equal([0x12, 0xFE], ImageFile.Decode(Png.File(2, 1, 16, 0, [0, 0x12, 0x34, 0xFE, 0xDC]), 1).Pixels);

    [Fact]
    public void Palette_colours_are_looked_up_and_an_index_beyond_the_palette_is_black()
    {
        var palette = Png.Chunk("PLTE", [1, 2, 3, 4, 5, 6]);
        var file = Png.File(4, 1, 2, 3, [0, 0b00_01_10_11], false, palette);
        Assert.Equal([1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0], ImageFile.Decode(file, 3).Pixels);
    }

    [Fact]
    public void Interlaced_pixels_come_to_their_places()
    {
        // A 3x3 image has the Adam7 passes 1 (0,0), 4 (2,0), 5 (0,2) (2,2), 6 (1,0), (1,2), and 7 (row 1).
        byte[] passes = [0, 1, 0, 3, 0, 7, 9, 0, 2, 0, 8, 0, 4, 5, 6];
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], ImageFile.Decode(Png.File(3, 3, 8, 0, passes, interlaced: true), 1).Pixels);
    }

    [Fact]
    public void Changed_byte_is_refused_with_the_chunk_and_its_place()
    {
        var file = Grey2x2;
        file[45] ^= 1;
        Assert.Equal("photo.png is a PNG whose chunk IDAT at byte 33 fails its CRC.", Refusal(file));
    }

    [Fact]
    public void Truncated_file_is_refused_at_every_length()
    {
        var file = Grey2x2;
        for (var length = 0; length < file.Length; length++)
        {
            Assert.Throws<ImageFormatException>(() => ImageFile.Decode(file.AsSpan(0, length), 1));
        }
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(9000, 5)]
    [InlineData(5, 8193)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void Sizes_outside_the_limits_are_refused(int width, int height) =>
        Assert.Contains($"of {width}x{height} pixels", Refusal(Png.File(width, height, 8, 0, Rows2x2)), StringComparison.Ordinal);

    [Fact]
    public void Decompression_bomb_is_refused_before_it_is_unpacked_whole()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Refusal(Png.File(2, 2, 8, 0, new byte[50_000_000]));
        Assert.Contains("unpacks to more than 6 bytes where 2x2 pixels need 6", message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 60_000_000);
    }

    [Fact]
    public void Pixel_data_that_is_too_short_is_refused() =>
        Assert.Contains("unpacks to 6 bytes where 3x2 pixels need 8", Refusal(Png.File(3, 2, 8, 0, Rows2x2)), StringComparison.Ordinal);

    [Fact]
    public void Damaged_zlib_data_under_a_right_crc_never_gives_other_pixels()
    {
        var refused = 0;
        var data = Png.Zlib(Rows2x2);
        for (var i = 0; i < data.Length; i++)
        {
            var damaged = (byte[])data.Clone();
            damaged[i] ^= 0x10;
            byte[] file = [.. Png.Signature, .. Png.Header(2, 2, 8, 0), .. Png.Chunk("IDAT", damaged), .. Png.Chunk("IEND", [])];
            try
            {
                // The bits that fill up the last byte of the compressed data mean nothing.
                Assert.Equal([10, 20, 30, 40], ImageFile.Decode(file, 1).Pixels);
            }
            catch (ImageFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, data.Length - 1, data.Length);
    }

    [Fact]
    public void Missing_checksum_of_the_zlib_data_is_refused()
    {
        byte[] file = [.. Png.Signature, .. Png.Header(2, 2, 8, 0), .. Png.Chunk("IDAT", Png.Zlib(Rows2x2)[..^4]), .. Png.Chunk("IEND", [])];
        Assert.Throws<ImageFormatException>(() => ImageFile.Decode(file, 1));
    }

    [Fact]
    public void Structure_out_of_order_is_refused()
    {
        var (header, data, end) = (Png.Header(2, 2, 8, 0), Png.Chunk("IDAT", Png.Zlib(Rows2x2)), Png.Chunk("IEND", []));
        Assert.Contains("first chunk is IDAT", Refusal([.. Png.Signature, .. data, .. end]), StringComparison.Ordinal);
        Assert.Contains("second IHDR", Refusal([.. Png.Signature, .. header, .. header, .. data, .. end]), StringComparison.Ordinal);
        Assert.Contains("no IDAT", Refusal([.. Png.Signature, .. header, .. end]), StringComparison.Ordinal);
        Assert.Contains("1 bytes after its IEND", Refusal([.. Png.Signature, .. header, .. data, .. end, 0]), StringComparison.Ordinal);
        Assert.Contains("CgBI", Refusal([.. Png.Signature, .. header, .. Png.Chunk("CgBI", []), .. data, .. end]), StringComparison.Ordinal);
        Assert.Contains("no PLTE", Refusal(Png.File(2, 1, 8, 3, [0, 0, 0])), StringComparison.Ordinal);
        Assert.Contains("not legal (depth 3", Refusal(Png.File(2, 2, 3, 0, Rows2x2)), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_formats_are_refused_by_their_first_bytes()
    {
        Assert.Contains("neither a PNG nor a JPEG: it starts with the bytes 474946383961", Refusal("GIF89a"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("is empty", Refusal([]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ten_thousand_mutations_neither_crash_nor_hang(bool repairChecksums)
    {
        var sample = Colours(24, 24).EncodePng();
        var refused = Hostile.Feed<ImageFormatException>(
            sample, 10_000, bytes => ImageFile.Decode(bytes, 3), repairChecksums ? Png.RepairChecksums : null);
        Assert.InRange(refused, 9_900, 10_000);
    }

    [Fact]
    public void Ten_thousand_mutations_of_pixel_rows_neither_crash_nor_hang()
    {
        byte[] rows = [.. Enumerable.Range(0, 24).SelectMany(y => new byte[25].Select((_, x) => (byte)(x == 0 ? y % 5 : x * y)))];
        var palette = Png.Chunk("PLTE", [.. Enumerable.Range(0, 60).Select(i => (byte)i)]);
        Hostile.Feed<ImageFormatException>(rows, 10_000, bytes => ImageFile.Decode(Png.File(24, 24, 8, 3, bytes, false, palette), 3));
    }

    [Theory]
    [InlineData(ResizeFilter.Area)]
    [InlineData(ResizeFilter.Triangle)]
    [InlineData(ResizeFilter.CatmullRom)]
    [InlineData(ResizeFilter.Mitchell)]
    [InlineData(ResizeFilter.Lanczos)]
    public void Resizing_keeps_one_colour_and_halves_move_to_halves(ResizeFilter filter)
    {
        var flat = new Image(9, 7, 3, [.. Enumerable.Repeat((byte)77, 9 * 7 * 3)]).Resize(4, 11, filter);
        Assert.Equal((4, 11), (flat.Width, flat.Height));
        Assert.All(flat.Pixels, value => Assert.Equal(77, value));
        var halves = new Image(40, 40, 1, [.. Enumerable.Range(0, 1600).Select(i => (byte)(i % 40 < 20 ? 0 : 200))]).Resize(8, 8, filter);
        Assert.InRange(halves.Pixels[1], 0, 2);
        Assert.InRange(halves.Pixels[6], 198, 202);
    }

    private static Image Colours(int width, int height) =>
        new(width, height, 3, [.. Enumerable.Range(0, width * height * 3).Select(i => (byte)(i * i / 7))]);

    private static string Refusal(byte[] file) =>
        Assert.Throws<ImageFormatException>(() => ImageFile.Decode(file, 1, "photo.png")).Message;
}

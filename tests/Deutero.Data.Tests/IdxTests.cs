using System.IO.Compression;

namespace Deutero.Data.Tests;

public sealed class IdxTests
{
    private static readonly byte[] Plain = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Shape_and_values_are_read_plain_and_compressed(bool compressed)
    {
        var array = Read(compressed ? Gzip(Plain) : Plain, 3);
        Assert.Equal([2, 1, 3], array.Shape);
        Assert.Equal([10, 20, 30, 40, 50, 60], array.Data);
    }

    [Fact]
    public void Truncated_file_is_refused_at_every_length()
    {
        var compressed = Gzip(Plain);
        for (var length = 0; length < Plain.Length; length++)
        {
            Assert.Throws<DataFormatException>(() => Read(Plain[..length], 3));
        }

        for (var length = 0; length < compressed.Length; length++)
        {
            Assert.Throws<DataFormatException>(() => Read(compressed[..length], 3));
        }
    }

    [Fact]
    public void More_values_than_the_shape_has_are_refused() =>
        Assert.Equal("a.gz holds more values than the 6 of its shape [2, 1, 3].", Refusal([.. Plain, 1], 3));

    [Fact]
    public void Fewer_values_than_the_shape_has_are_refused() =>
        Assert.Equal("a.gz holds 5 values where its shape [2, 1, 3] needs 6.", Refusal(Plain[..^1], 3));

    [Fact]
    public void Wrong_number_of_dimensions_is_refused() =>
        Assert.Contains("starts with 00000803, not 00000804", Refusal(Plain, 4), StringComparison.Ordinal);

    [Fact]
    public void Great_claims_cost_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refusal([0, 0, 8, 2, 0, 0, 0x40, 0, 0, 0, 0x40, 0, 1, 2, 3], 2);
        Assert.Contains("claims", Refusal([0, 0, 8, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 2), StringComparison.Ordinal);
        Assert.Contains("claims", Refusal([0, 0, 8, 2, 0, 1, 0, 0, 0, 1, 0, 0], 2), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void Ten_thousand_mutations_neither_crash_nor_hang()
    {
        Hostile.Feed<DataFormatException>(Plain, 10_000, bytes => Read(bytes, 3));
        Hostile.Feed<DataFormatException>(Gzip(Plain), 10_000, bytes => Read(bytes, 3));
    }

    private static string Refusal(byte[] file, int dimensions) => Assert.Throws<DataFormatException>(() => Read(file, dimensions)).Message;

    private static IdxArray Read(byte[] file, int dimensions)
    {
        using var stream = new MemoryStream(file);
        return Idx.Read(stream, dimensions, "a.gz");
    }

    private static byte[] Gzip(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal))
        {
            stream.Write(data);
        }

        return packed.ToArray();
    }
}

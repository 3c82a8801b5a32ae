using System.Buffers.Binary;
using System.IO.Compression;

namespace Deutero.Tools.Glyphs;

/// <summary>Writes and reads the images of a split: IDX3 (MNIST's format: 00 00 08 03, count, 28, 28, then bytes), in gzip.</summary>
internal static class DataFiles
{
    private const int HeaderLength = 16;

    /// <summary>The splits, in order.</summary>
    public static string[] Splits { get; } = ["train", "validation", "test"];

    /// <summary>The file of a split's images.</summary>
    public static string ImagesOf(string folder, string split) => Path.Combine(folder, $"glyphs-{split}.idx3.gz");

    /// <summary>Writes images of 28x28 bytes.</summary>
    public static void WriteImages(string path, IReadOnlyCollection<byte[]> images)
    {
        using var file = new GZipStream(File.Create(path), CompressionLevel.SmallestSize);
        var header = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt32BigEndian(header, 0x0803);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), images.Count);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), Style.Side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12), Style.Side);
        file.Write(header);
        foreach (var image in images)
        {
            file.Write(image);
        }
    }

    /// <summary>Reads the images back.</summary>
    public static byte[][] ReadImages(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return [.. memory.ToArray().Skip(HeaderLength).Chunk(Style.Side * Style.Side)];
    }
}

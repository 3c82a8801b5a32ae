using System.Buffers.Binary;
using System.IO.Compression;

namespace Deutero.Data;

/// <summary>The files of <see cref="Glyphs"/> inside this assembly.</summary>
internal static class GlyphResources
{
    private const int HeaderLength = 16;

    /// <summary>Opens a file by its name.</summary>
    public static Stream Open(string file) =>
        typeof(GlyphResources).Assembly.GetManifestResourceStream(file)
        ?? throw new InvalidDataException($"The assembly {typeof(GlyphResources).Assembly.GetName().Name} lacks its resource {file}.");

    /// <summary>Unpacks the images of a split: IDX3 of unsigned bytes <c>[characters * 20, 28, 28]</c> in gzip; returns the pixels.</summary>
    public static byte[] ReadImages(string split)
    {
        using var unpacked = new GZipStream(Open($"glyphs-{split}.idx3.gz"), CompressionMode.Decompress);
        var header = new byte[HeaderLength];
        unpacked.ReadExactly(header);
        var pixels = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)) * Glyphs.Side * Glyphs.Side];
        unpacked.ReadExactly(pixels);
        return pixels;
    }
}

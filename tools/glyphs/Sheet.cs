using System.Buffers.Binary;
using System.IO.Compression;

namespace Deutero.Tools.Glyphs;

/// <summary>A contact sheet as a grey PNG, for a person to look at: one character a row.</summary>
internal static class Sheet
{
    private static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Writes images in a grid, ink dark on white, with a grey line between cells.</summary>
    public static void Write(string path, IReadOnlyList<byte[]> images, int columns)
    {
        const int cell = Style.Side + 1;
        var rows = (images.Count + columns - 1) / columns;
        int width = columns * cell, height = rows * cell;
        var raw = new byte[height * (width + 1)];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var image = (y / cell * columns) + (x / cell);
                var line = x % cell == Style.Side || y % cell == Style.Side;
                raw[(y * (width + 1)) + 1 + x] = line || image >= images.Count
                    ? (byte)200
                    : (byte)(255 - images[image][(y % cell * Style.Side) + (x % cell)]);
            }
        }

        WritePng(path, raw, width, height);
    }

    private static void WritePng(string path, byte[] raw, int width, int height)
    {
        using var file = File.Create(path);
        file.Write(Signature);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8; // bits a sample; the colour type that follows is 0, grey
        Chunk(file, "IHDR"u8, header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(raw);
        }

        Chunk(file, "IDAT"u8, packed.ToArray());
        Chunk(file, "IEND"u8, []);
    }

    private static void Chunk(FileStream file, ReadOnlySpan<byte> type, byte[] content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(type);
        file.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32([.. type, .. content]));
        file.Write(number);
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }
}

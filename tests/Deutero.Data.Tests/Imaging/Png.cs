using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Deutero.Data.Tests.Imaging;

/// <summary>Builds PNG files chunk by chunk, right or wrong.</summary>
internal static class Png
{
    internal static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    internal static byte[] File(int width, int height, byte depth, byte colour, byte[] rows, bool interlaced = false, params byte[][] extra) =>
        [.. Signature, .. Header(width, height, depth, colour, interlaced), .. extra.SelectMany(chunk => chunk), .. Chunk("IDAT", Zlib(rows)), .. Chunk("IEND", [])];

    internal static byte[] Header(int width, int height, byte depth, byte colour, bool interlaced = false)
    {
        var body = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(body, width);
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(4), height);
        (body[8], body[9], body[12]) = (depth, colour, interlaced ? (byte)1 : (byte)0);
        return Chunk("IHDR", body);
    }

    internal static byte[] Chunk(string type, byte[] body)
    {
        var chunk = new byte[12 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        Encoding.ASCII.GetBytes(type).CopyTo(chunk, 4);
        body.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + body.Length), Crc(chunk.AsSpan(4, 4 + body.Length)));
        return chunk;
    }

    internal static byte[] Zlib(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            stream.Write(data);
        }

        return packed.ToArray();
    }

    /// <summary>Makes the CRC of every chunk right again, as far as the chunks can be walked.</summary>
    internal static byte[] RepairChecksums(byte[] file)
    {
        for (var at = 8; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
            {
                break;
            }

            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(at + 8 + (int)length), Crc(file.AsSpan(at + 4, (int)length + 4)));
            at += 12 + (int)length;
        }

        return file;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Deutero.Torch.Imaging;

/// <summary>Checks a PNG from signature to IEND before it is decoded.</summary>
/// <remarks>Walks every chunk (order, length, CRC) and inflates the pixel data once, against the size that IHDR implies.</remarks>
internal sealed class PngStructure
{
    private const int MaximumInflatedBytes = 256 << 20;
    private readonly string name;
    private readonly ArrayBufferWriter<byte> compressed = new();
    private PngHeader? header;
    private byte[]? palette;
    private byte[]? transparency;
    private bool imageDataEnded;

    private PngStructure(string name) => this.name = name;

    internal static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Checks a file and returns what the decoder needs of it: the same image without ancillary chunks.</summary>
    internal static byte[] Check(ReadOnlySpan<byte> file, string name)
    {
        var structure = new PngStructure(name);
        structure.Walk(file);
        structure.CheckInflatedSize();
        return structure.Repack();
    }

    private void Walk(ReadOnlySpan<byte> file)
    {
        for (var at = Signature.Length; ;)
        {
            if (file.Length - at < 12)
            {
                throw Refuse($"ends at byte {file.Length} without an IEND chunk");
            }

            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            var type = file.Slice(at + 4, 4);
            if (length > (uint)(file.Length - at - 12))
            {
                throw Refuse($"whose chunk {Name(type)} at byte {at} claims {length} bytes, of which {file.Length - at - 12} are there");
            }

            var body = file.Slice(at + 8, (int)length);
            var end = at + 12 + (int)length;
            if (Crc32.Of(file.Slice(at + 4, (int)length + 4)) != BinaryPrimitives.ReadUInt32BigEndian(file[(end - 4)..]))
            {
                throw Refuse($"whose chunk {Name(type)} at byte {at} fails its CRC");
            }

            if (Take(type, body, at))
            {
                if (end != file.Length)
                {
                    throw Refuse($"with {file.Length - end} bytes after its IEND chunk");
                }

                return;
            }

            at = end;
        }
    }

    /// <summary>Takes one chunk; true at the end of the image.</summary>
    private bool Take(ReadOnlySpan<byte> type, ReadOnlySpan<byte> body, int at)
    {
        if ((header is null) != type.SequenceEqual("IHDR"u8))
        {
            throw Refuse(header is null ? $"whose first chunk is {Name(type)}, not IHDR" : $"with a second IHDR chunk at byte {at}");
        }

        if (header is null)
        {
            header = PngHeader.Parse(body, Refuse);
            return false;
        }

        var isImageData = type.SequenceEqual("IDAT"u8);
        imageDataEnded |= !isImageData && compressed.WrittenCount > 0;
        if (isImageData)
        {
            TakeImageData(body, at);
        }
        else if (type.SequenceEqual("PLTE"u8))
        {
            TakePalette(body, at);
        }
        else if (type.SequenceEqual("tRNS"u8))
        {
            TakeTransparency(body, at);
        }
        else if (type.SequenceEqual("IEND"u8))
        {
            return TakeEnd(body);
        }
        else if ((type[0] & 0x20) == 0)
        {
            throw Refuse($"whose chunk {Name(type)} at byte {at} is not one of the critical chunks IHDR, PLTE, IDAT and IEND");
        }

        return false;
    }

    private void TakeImageData(ReadOnlySpan<byte> body, int at)
    {
        if (imageDataEnded)
        {
            throw Refuse($"whose IDAT chunk at byte {at} does not follow the others directly");
        }

        compressed.Write(body);
    }

    private void TakePalette(ReadOnlySpan<byte> body, int at)
    {
        var entries = body.Length / 3;
        var most = header!.HasPalette ? 1 << header.BitDepth : 256;
        if (palette is not null || imageDataEnded || header.IsGrey || body.Length % 3 != 0 || entries < 1 || entries > most)
        {
            throw Refuse($"whose PLTE chunk at byte {at} ({body.Length} bytes) does not fit its header");
        }

        palette = body.ToArray();
    }

    private void TakeTransparency(ReadOnlySpan<byte> body, int at)
    {
        var fits = header!.ColourType switch
        {
            0 => body.Length == 2,
            2 => body.Length == 6,
            3 => palette is not null && body.Length >= 1 && body.Length <= palette.Length / 3,
            _ => false,
        };
        if (!fits || transparency is not null || imageDataEnded)
        {
            throw Refuse($"whose tRNS chunk at byte {at} ({body.Length} bytes) does not fit its header");
        }

        transparency = body.ToArray();
    }

    private bool TakeEnd(ReadOnlySpan<byte> body)
    {
        var lack = body.Length > 0 ? "whose IEND chunk is not empty"
            : compressed.WrittenCount == 0 ? "without pixel data (no IDAT chunk)"
            : header!.HasPalette && palette is null ? "with palette colours but no PLTE chunk"
            : null;
        return lack is null ? true : throw Refuse(lack);
    }

    private void CheckInflatedSize()
    {
        var expected = header!.InflatedBytes;
        if (expected > MaximumInflatedBytes)
        {
            throw Refuse($"of {expected:N0} bytes unpacked, more than the {MaximumInflatedBytes:N0} that are read");
        }

        var found = InflatedSize(expected);
        if (found != expected)
        {
            throw Refuse($"whose pixel data unpacks to {(found > expected ? "more than " : "")}{Math.Min(found, expected)} bytes "
                + $"where {header.Width}x{header.Height} pixels need {expected}");
        }
    }

    private long InflatedSize(long expected)
    {
        try
        {
            using var stream = new ZLibStream(new MemoryStream(compressed.WrittenSpan.ToArray()), CompressionMode.Decompress);
            var buffer = new byte[Math.Min(expected + 1, 32 * 1024)];
            var total = 0L;
            for (int read; total <= expected && (read = stream.Read(buffer)) > 0;)
            {
                total += read;
            }

            return total;
        }
        catch (InvalidDataException)
        {
            throw Refuse("whose pixel data (IDAT) is not a whole zlib stream");
        }
    }

    /// <summary>A minimal file: the decoder ignores CRCs, and a palette padded to 256 black entries makes every index valid.</summary>
    private byte[] Repack()
    {
        using var file = new MemoryStream(compressed.WrittenCount + 1200);
        file.Write(Signature);
        Append(file, "IHDR"u8, header!.Bytes);
        if (header.HasPalette)
        {
            var padded = new byte[256 * 3];
            palette!.CopyTo(padded, 0);
            Append(file, "PLTE"u8, padded);
        }

        if (transparency is not null)
        {
            Append(file, "tRNS"u8, transparency);
        }

        Append(file, "IDAT"u8, compressed.WrittenSpan);
        Append(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Append(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        file.Write(number);
        file.Write(type);
        file.Write(body);
        number.Clear();
        file.Write(number);
    }

    private ImageFormatException Refuse(string fault) => new($"{name} is a PNG {fault}.");

    private static string Name(ReadOnlySpan<byte> type) =>
        type.ContainsAnyExceptInRange((byte)'A', (byte)'z') ? $"0x{Convert.ToHexString(type)}" : Encoding.ASCII.GetString(type);
}

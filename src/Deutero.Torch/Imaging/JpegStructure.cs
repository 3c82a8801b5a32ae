using System.Buffers.Binary;

namespace Deutero.Torch.Imaging;

/// <summary>Checks a JPEG from SOI to EOI before it is decoded.</summary>
/// <remarks>
/// The decoder starts from uninitialised tables and pixels and does not bound the size of Huffman tables. So this walk proves
/// that every table is defined and of legal size before a scan uses it, that every component is coded, and that each scan has
/// exactly the restart markers that its size needs and at least one bit a block.
/// </remarks>
internal ref struct JpegStructure
{
    // A progressive JPEG has about ten scans; each costs a pass over all blocks, however few bytes it has.
    private const int MaximumScans = 100;

    private readonly ReadOnlySpan<byte> file;
    private readonly string name;
    private int at;
    private int restartInterval;
    private int scans;
    private byte quantisationTables;
    private byte dcTables;
    private byte acTables;
    private JpegFrame? frame;

    private JpegStructure(ReadOnlySpan<byte> file, string name)
    {
        this.file = file;
        this.name = name;
        at = 2;
    }

    internal static void Check(ReadOnlySpan<byte> file, string name)
    {
        var structure = new JpegStructure(file, name);
        while (structure.TakeSegment())
        {
        }
    }

    /// <summary>Takes one marker with its segment; false at EOI. What follows EOI (cameras append previews) is not read.</summary>
    private bool TakeSegment()
    {
        var start = at;
        var marker = TakeMarker();
        switch (marker)
        {
            case 0xD9:
                CheckComplete();
                return false;
            case 0xC0 or 0xC1 or 0xC2:
                TakeFrame(TakeBody(marker, start), marker == 0xC2);
                return true;
            case 0xC4:
                TakeHuffmanTables(TakeBody(marker, start));
                return true;
            case 0xDB:
                TakeQuantisationTables(TakeBody(marker, start));
                return true;
            case 0xDD:
                TakeRestartInterval(TakeBody(marker, start));
                return true;
            case 0xDA:
                TakeScan(TakeBody(marker, start));
                return true;
            case >= 0xE0 and <= 0xEF or 0xFE:
                TakeBody(marker, start);
                return true;
            case 0xC3 or (>= 0xC5 and <= 0xCF):
                throw Refuse($"of a kind that is not read (marker FF{marker:X2} at byte {start}): only baseline and progressive are");
            default:
                throw Refuse($"with an unexpected marker FF{marker:X2} at byte {start}");
        }
    }

    private byte TakeMarker()
    {
        var start = at;
        if (at < file.Length && file[at] != 0xFF)
        {
            throw Refuse($"with the byte {file[at]:X2} at {at} where a marker was expected");
        }

        while (at < file.Length && file[at] == 0xFF)
        {
            at++;
        }

        return at < file.Length ? file[at++] : throw Refuse($"that ends at byte {start} without an EOI marker");
    }

    private ReadOnlySpan<byte> TakeBody(byte marker, int start)
    {
        var length = file.Length - at >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(file[at..]) : 0;
        if (length < 2 || length > file.Length - at)
        {
            throw Refuse($"whose segment FF{marker:X2} at byte {start} claims {length} bytes, of which {file.Length - at} are there");
        }

        var body = file.Slice(at + 2, length - 2);
        at += length;
        return body;
    }

    private void TakeFrame(ReadOnlySpan<byte> body, bool progressive)
    {
        if (frame is not null)
        {
            throw Refuse("with two frame headers");
        }

        frame = JpegFrame.Parse(body, progressive, out var fault);
        if (frame is null)
        {
            throw Refuse(fault);
        }
    }

    private void TakeHuffmanTables(ReadOnlySpan<byte> body)
    {
        while (!body.IsEmpty)
        {
            var (kind, table) = (body[0] >> 4, body[0] & 15);
            var codes = 0;
            for (var i = 1; i <= 16 && body.Length >= 17; i++)
            {
                codes += body[i];
            }

            var isWhole = body.Length >= 17 && body.Length >= 17 + codes;
            if (!isWhole || kind > 1 || table > 3 || codes is 0 or > 256 || !IsPrefixCode(body.Slice(1, 16)))
            {
                throw Refuse("with a Huffman table that is not legal");
            }

            (kind == 0 ? ref dcTables : ref acTables) |= (byte)(1 << table);
            body = body[(17 + codes)..];
        }
    }

    private static bool IsPrefixCode(ReadOnlySpan<byte> counts)
    {
        var used = 0;
        foreach (var count in counts)
        {
            used = (used << 1) + count;
        }

        // `used` counts 16-bit code words; each length must also fit by itself, which a sum within 2^16 implies.
        return used <= 1 << 16;
    }

    private void TakeQuantisationTables(ReadOnlySpan<byte> body)
    {
        while (!body.IsEmpty)
        {
            var (precision, table) = (body[0] >> 4, body[0] & 15);
            var length = precision == 0 ? 65 : 129;
            if (precision > 1 || table > 3 || body.Length < length)
            {
                throw Refuse("with a quantisation table that is not legal");
            }

            quantisationTables |= (byte)(1 << table);
            body = body[length..];
        }
    }

    private void TakeRestartInterval(ReadOnlySpan<byte> body) =>
        restartInterval = body.Length == 2
            ? BinaryPrimitives.ReadUInt16BigEndian(body)
            : throw Refuse("with a restart interval that is not legal");

    private void TakeScan(ReadOnlySpan<byte> header)
    {
        if (frame is null)
        {
            throw Refuse("with a scan before its frame header");
        }

        if (++scans > MaximumScans)
        {
            throw Refuse($"with more than {MaximumScans} scans");
        }

        var fault = frame.BeginScan(header, quantisationTables, dcTables, acTables, out var units, out var leastBits);
        if (fault is not null)
        {
            throw Refuse(fault);
        }

        var start = at;
        var restarts = TakeEntropyCodedData();
        var expected = restartInterval == 0 ? 0 : (units - 1) / restartInterval;
        if (restarts != expected)
        {
            throw Refuse($"whose scan at byte {start} has {restarts} restart markers where its size needs {expected}");
        }

        if ((at - start) * 8L < leastBits)
        {
            throw Refuse($"whose scan at byte {start} has {at - start} bytes, too few for {frame.Width}x{frame.Height} pixels");
        }
    }

    /// <summary>Skips to the marker after a scan and counts the restart markers, which must be numbered 0 to 7 in turn.</summary>
    private int TakeEntropyCodedData()
    {
        for (var restarts = 0; ;)
        {
            var skip = file[at..].IndexOf((byte)0xFF);
            if (skip < 0 || at + skip + 1 >= file.Length)
            {
                throw Refuse("that ends inside a scan, without an EOI marker");
            }

            at += skip;
            var next = file[at + 1];
            if (next is >= 0xD0 and <= 0xD7)
            {
                if (next != 0xD0 + (restarts & 7))
                {
                    throw Refuse($"whose restart marker at byte {at} is out of turn");
                }

                restarts++;
            }
            else if (next != 0)
            {
                return restarts;
            }

            at += 2;
        }
    }

    private readonly void CheckComplete()
    {
        if (frame is null || !frame.EveryComponentIsCoded)
        {
            throw Refuse(frame is null ? "without an image (no frame header)" : "that lacks the scan of a colour component");
        }
    }

    private readonly ImageFormatException Refuse(string fault) => new($"{name} is a JPEG {fault}.");
}

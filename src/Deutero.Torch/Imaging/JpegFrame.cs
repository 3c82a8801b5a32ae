using System.Buffers.Binary;

namespace Deutero.Torch.Imaging;

/// <summary>The frame header of a JPEG: size and components, and which of them have been coded so far.</summary>
internal sealed class JpegFrame
{
    private readonly bool progressive;
    private readonly Component[] components;
    private readonly int horizontal;
    private readonly int vertical;

    private JpegFrame(int width, int height, bool progressive, Component[] components)
    {
        (Width, Height, this.progressive, this.components) = (width, height, progressive, components);
        (horizontal, vertical) = (components.Max(c => c.Horizontal), components.Max(c => c.Vertical));
    }

    internal int Width { get; }

    internal int Height { get; }

    internal bool EveryComponentIsCoded => components.All(c => c.IsCoded);

    internal static JpegFrame? Parse(ReadOnlySpan<byte> body, bool progressive, out string fault)
    {
        fault = "with a frame header that is not legal";
        if (body.Length < 6 || body[5] is not (1 or 3 or 4) || body.Length != 6 + (3 * body[5]))
        {
            return null;
        }

        int height = BinaryPrimitives.ReadUInt16BigEndian(body[1..]), width = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        if (width is < 1 or > ImageFile.MaximumSide || height is < 1 or > ImageFile.MaximumSide)
        {
            fault = $"of {width}x{height} pixels, where 1 to {ImageFile.MaximumSide} a side are read";
            return null;
        }

        if (body[0] != 8)
        {
            fault = $"of {body[0]} bits a sample, where 8 are read";
            return null;
        }

        var components = new Component[body[5]];
        for (var i = 0; i < components.Length; i++)
        {
            var entry = body.Slice(6 + (3 * i), 3);
            components[i] = new Component(entry[0], entry[1] >> 4, entry[1] & 15, entry[2]);
        }

        var legal = components.All(c => c.IsLegal) && components.Select(c => c.Id).Distinct().Count() == components.Length;
        return legal ? new JpegFrame(width, height, progressive, components) : null;
    }

    /// <summary>Checks a scan header against the tables defined so far; returns the fault, or null.</summary>
    /// <param name="header">The body of the SOS segment.</param>
    /// <param name="quantisation">Bit i is set if quantisation table i is defined.</param>
    /// <param name="dc">The same for the DC Huffman tables.</param>
    /// <param name="ac">The same for the AC Huffman tables.</param>
    /// <param name="units">The coded units (MCUs) of the scan, which restart intervals count.</param>
    /// <param name="leastBits">The fewest bits that the scan can have.</param>
    internal string? BeginScan(ReadOnlySpan<byte> header, byte quantisation, byte dc, byte ac, out int units, out long leastBits)
    {
        (units, leastBits) = (0, 0);
        var count = header.IsEmpty ? 0 : header[0];
        if (count is < 1 or > 4 || count > components.Length || header.Length != 4 + (2 * count))
        {
            return "with a scan header that is not legal";
        }

        var (first, last, refines) = (header[^3], header[^2], header[^1] >> 4 != 0);
        if (progressive && (first > last || last > 63 || (first == 0 && last != 0) || (first > 0 && count > 1)))
        {
            return "with a scan of coefficients that is not legal";
        }

        var scanned = new HashSet<int>();
        var blocks = 0L;
        for (var i = 0; i < count; i++)
        {
            var (id, tables) = (header[1 + (2 * i)], header[2 + (2 * i)]);
            var component = Array.Find(components, c => c.Id == id);
            if (component is null || !scanned.Add(id))
            {
                return $"whose scan names colour component {id}, which its frame lacks or which it names twice";
            }

            var needsDc = !progressive || (first == 0 && !refines);
            var needsAc = !progressive || first > 0;
            if ((needsDc && !Has(dc, tables >> 4)) || (needsAc && !Has(ac, tables & 15)) || !Has(quantisation, component.Quantisation))
            {
                return "whose scan uses a table that is not defined";
            }

            if (!needsDc && !component.IsCoded)
            {
                return "whose scan refines coefficients that no scan has coded";
            }

            component.IsCoded = true;
            blocks += Blocks(component);
        }

        units = count == 1 ? (int)blocks : Ceiling(Width, 8 * horizontal) * Ceiling(Height, 8 * vertical);
        leastBits = first == 0 ? blocks : 1;
        return null;
    }

    private int Blocks(Component component) =>
        Ceiling(Ceiling(Width * component.Horizontal, horizontal), 8) * Ceiling(Ceiling(Height * component.Vertical, vertical), 8);

    private static bool Has(byte defined, int table) => table < 4 && (defined >> table & 1) == 1;

    private static int Ceiling(int value, int divisor) => (value + divisor - 1) / divisor;

    private sealed class Component(int id, int horizontal, int vertical, int quantisation)
    {
        internal int Id => id;

        internal int Horizontal => horizontal;

        internal int Vertical => vertical;

        internal int Quantisation => quantisation;

        internal bool IsCoded { get; set; }

        internal bool IsLegal => Horizontal is >= 1 and <= 4 && Vertical is >= 1 and <= 4 && Quantisation <= 3;
    }
}

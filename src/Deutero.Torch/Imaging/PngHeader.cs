using System.Buffers.Binary;

namespace Deutero.Torch.Imaging;

/// <summary>The IHDR chunk of a PNG.</summary>
internal sealed record PngHeader(int Width, int Height, int BitDepth, int ColourType, bool Interlaced, byte[] Bytes)
{
    /// <summary>The origin and step, in x and y, of the seven passes of Adam7.</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    internal bool HasPalette => ColourType == 3;

    internal bool IsGrey => ColourType is 0 or 4;

    /// <summary>The bytes of the filtered rows, each with its filter byte.</summary>
    internal long InflatedBytes => Interlaced
        ? Adam7.Sum(pass => PassBytes((Width - pass.X + pass.StepX - 1) / pass.StepX, (Height - pass.Y + pass.StepY - 1) / pass.StepY))
        : PassBytes(Width, Height);

    private int BitsPerPixel => BitDepth * ColourType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    internal static PngHeader Parse(ReadOnlySpan<byte> body, Func<string, ImageFormatException> refuse)
    {
        if (body.Length != 13)
        {
            throw refuse($"whose IHDR chunk has {body.Length} bytes, not 13");
        }

        var width = BinaryPrimitives.ReadUInt32BigEndian(body);
        var height = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
        if (width is < 1 or > ImageFile.MaximumSide || height is < 1 or > ImageFile.MaximumSide)
        {
            throw refuse($"of {width}x{height} pixels, where 1 to {ImageFile.MaximumSide} a side are read");
        }

        var (depth, colour) = (body[8], body[9]);
        var legal = colour switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!legal || body[10] != 0 || body[11] != 0 || body[12] > 1)
        {
            throw refuse($"whose header is not legal (depth {depth}, colour type {colour}, compression {body[10]}, "
                + $"filter {body[11]}, interlace {body[12]})");
        }

        return new PngHeader((int)width, (int)height, depth, colour, body[12] == 1, body.ToArray());
    }

    private long PassBytes(int width, int height) => width == 0 || height == 0 ? 0 : height * ((((long)width * BitsPerPixel) + 7) / 8 + 1);
}

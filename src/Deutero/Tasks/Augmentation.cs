using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Random changes of an item that leave what it shows: from one item another of the same unknown class.</summary>
/// <remarks>
/// Images are turned, zoomed and moved about their middle, by bilinear interpolation and with zeros from outside, then pixels are zeroed and noise is added; other items
/// are zeroed here and there and given noise. The defaults are those of UMTRA for Omniglot.
/// </remarks>
public sealed record Augmentation
{
    /// <summary>The most whole pixels that an image moves along each axis, at least 0; default 6.</summary>
    public int Shift { get; init => field = Setting.AtLeast(value, 0, nameof(Shift)); } = 6;

    /// <summary>The most degrees that an image turns, either way, at least 0; default 0.</summary>
    public double Turn { get; init => field = Setting.NotNegative(value, nameof(Turn)); }

    /// <summary>By what part an image grows or shrinks at most, at least 0 and below 1; default 0.</summary>
    public double Zoom { get; init => field = Setting.Fraction(value, nameof(Zoom)); }

    /// <summary>The probability that a pixel, or a number of an item that is no image, becomes zero, at least 0 and below 1; default 0.5.</summary>
    public double Dropped { get; init => field = Setting.Fraction(value, nameof(Dropped)); } = 0.5;

    /// <summary>The deviation of the normal noise that is added, at least 0; default 0.</summary>
    public double Noise { get; init => field = Setting.NotNegative(value, nameof(Noise)); }

    // Both of the item's size; the source stays as it is.
    internal void Apply(ReadOnlySpan<float> source, IReadOnlyList<long> shape, Span<float> destination, Generator random)
    {
        var planes = 1;
        if (shape is [var channels, var height, var width])
        {
            var (turn, zoom) = (Math.PI / 180 * Turn * Either(random), 1 + (Zoom * Either(random)));
            var (down, right) = (random.Next((2 * Shift) + 1) - Shift, random.Next((2 * Shift) + 1) - Shift);
            planes = (int)channels;
            var plane = source.Length / planes;
            for (var start = 0; start < source.Length; start += plane)
            {
                Move(source.Slice(start, plane), destination.Slice(start, plane), (int)height, (int)width, turn, zoom, down, right);
            }
        }
        else
        {
            source.CopyTo(destination);
        }

        Spoil(destination, planes, random);
    }

    // Turned counter-clockwise, zoomed, and then moved: each pixel is looked up where it came from.
    internal static void Move(ReadOnlySpan<float> source, Span<float> destination, int height, int width, double turn, double zoom, int down, int right)
    {
        var (middleY, middleX) = ((height - 1) / 2.0, (width - 1) / 2.0);
        var (sine, cosine) = (Math.Sin(turn) / zoom, Math.Cos(turn) / zoom);
        for (int y = 0, i = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++, i++)
            {
                var (fromY, fromX) = (y - down - middleY, x - right - middleX);
                destination[i] = At(source, height, width, middleY + (cosine * fromY) + (sine * fromX), middleX + (cosine * fromX) - (sine * fromY));
            }
        }
    }

    private static float At(ReadOnlySpan<float> plane, int height, int width, double y, double x)
    {
        var (top, left) = ((int)Math.Floor(y), (int)Math.Floor(x));
        var (below, beside) = (y - top, x - left);
        var sum = 0.0;
        for (var corner = 0; corner < 4; corner++)
        {
            var (row, column) = (top + (corner >> 1), left + (corner & 1));
            if (row >= 0 && row < height && column >= 0 && column < width)
            {
                sum += ((corner >> 1) == 1 ? below : 1 - below) * ((corner & 1) == 1 ? beside : 1 - beside) * plane[(row * width) + column];
            }
        }

        return (float)sum;
    }

    // A pixel is zeroed in all of its channels.
    private void Spoil(Span<float> values, int planes, Generator random)
    {
        var plane = values.Length / planes;
        for (var pixel = 0; pixel < plane && Dropped > 0; pixel++)
        {
            if (random.NextDouble() < Dropped)
            {
                for (var i = pixel; i < values.Length; i += plane)
                {
                    values[i] = 0;
                }
            }
        }

        for (var i = 0; i < values.Length && Noise > 0; i++)
        {
            values[i] += (float)(Noise * RegressionPoints.Normal(random));
        }
    }

    // Within ±1.
    private static double Either(Generator random) => (2 * random.NextDouble()) - 1;
}

namespace Deutero.Tools.Glyphs;

/// <summary>
/// A glyph as the signed distance to its outline (positive inside): strokes get thicker or thinner by adding a number, and a smooth
/// warp of it stays sharp.
/// </summary>
internal sealed class SignedDistance
{
    private const float Far = 1e6f;
    private readonly float[] _distance;

    private SignedDistance(float[] distance, int size)
    {
        _distance = distance;
        Size = size;
    }

    /// <summary>The side of the square field, in pixels.</summary>
    public int Size { get; }

    /// <summary>How thick the strokes are on average: twice the area over the outline's length.</summary>
    public float StrokeWidth
    {
        get
        {
            var area = _distance.Count(d => d > 0);
            var outline = _distance.Count(d => MathF.Abs(d) < 0.5f);
            return 2f * area / Math.Max(1, outline);
        }
    }

    /// <summary>The field of a drawing in which ink is above one half.</summary>
    public static SignedDistance Of(float[] image, int size)
    {
        var inside = SquaredDistanceTo(image, size, ink => ink < 0.5f);
        var outside = SquaredDistanceTo(image, size, ink => ink >= 0.5f);
        var distance = new float[image.Length];
        for (var i = 0; i < distance.Length; i++)
        {
            // A pixel's centre is half a pixel from the edge it shares with its neighbour; grey edges say where in between.
            distance[i] = image[i] is > 0.02f and < 0.98f
                ? image[i] - 0.5f
                : image[i] >= 0.5f ? MathF.Sqrt(inside[i]) - 0.5f : 0.5f - MathF.Sqrt(outside[i]);
        }

        return new SignedDistance(distance, size);
    }

    /// <summary>The distance at a point, interpolated between pixel centres; far outside beyond the field.</summary>
    public float At(float x, float y)
    {
        int left = (int)MathF.Floor(x), top = (int)MathF.Floor(y);
        if (left < 0 || top < 0 || left >= Size - 1 || top >= Size - 1)
        {
            return -Size;
        }

        float u = x - left, v = y - top;
        var i = (top * Size) + left;
        var upper = _distance[i] + (u * (_distance[i + 1] - _distance[i]));
        var lower = _distance[i + Size] + (u * (_distance[i + Size + 1] - _distance[i + Size]));
        return upper + (v * (lower - upper));
    }

    /// <summary>Squared Euclidean distance to the nearest marked pixel, exact, columns first and then rows.</summary>
    private static float[] SquaredDistanceTo(float[] image, int size, Func<float, bool> marked)
    {
        var field = Array.ConvertAll(image, ink => marked(ink) ? 0 : Far);
        var line = new float[size];
        for (var pass = 0; pass < 2; pass++)
        {
            var (lineStep, step) = pass == 0 ? (1, size) : (size, 1);
            for (var l = 0; l < size; l++)
            {
                for (var i = 0; i < size; i++)
                {
                    line[i] = field[(l * lineStep) + (i * step)];
                }

                LowerEnvelope(line, field, l * lineStep, step);
            }
        }

        return field;
    }

    /// <summary>min over q of line[q] + (p - q)², through the lower envelope of the parabolas (Felzenszwalb and Huttenlocher, 2012).</summary>
    private static void LowerEnvelope(float[] line, float[] result, int start, int step)
    {
        Span<int> centre = stackalloc int[line.Length];
        Span<float> from = stackalloc float[line.Length + 1];
        var last = 0;
        centre[0] = 0;
        from[0] = float.NegativeInfinity;
        from[1] = float.PositiveInfinity;
        for (var q = 1; q < line.Length; q++)
        {
            var cross = Crossing(line, centre[last], q);
            while (cross <= from[last])
            {
                cross = Crossing(line, centre[--last], q);
            }

            centre[++last] = q;
            from[last] = cross;
            from[last + 1] = float.PositiveInfinity;
        }

        for (int p = 0, k = 0; p < line.Length; p++)
        {
            while (from[k + 1] < p)
            {
                k++;
            }

            result[start + (p * step)] = line[centre[k]] + ((p - centre[k]) * (p - centre[k]));
        }
    }

    private static float Crossing(float[] line, int left, int right) =>
        (line[right] + (right * right) - line[left] - (left * left)) / (2f * (right - left));
}

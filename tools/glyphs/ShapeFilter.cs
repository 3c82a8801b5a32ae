using System.Numerics;

namespace Deutero.Tools.Glyphs;

/// <summary>Keeps a character only if no character kept so far looks the same, upright or after quarter turns.</summary>
/// <remarks>
/// A shape is a drawing fitted into a box, reduced to 16x16 and blurred; two shapes are compared by their correlation, the
/// best over a few fonts. The scale is free, so "c" and "C" are one shape, and so are Latin "o", Greek omicron and a Lao zero.
/// </remarks>
internal sealed class ShapeFilter
{
    // Found by looking at the pairs on both sides: above are the same letter in two alphabets, below are letters that differ by a stroke.
    private const float SameShape = 0.90f;

    // Between splits it is stricter, for there a look-alike would be a leak and not only a confusion.
    private const float SameShapeInOtherSplit = 0.86f;

    private const int Grid = 16;
    private readonly List<(string Name, string Split, float[][] Shapes)> _kept = [];

    /// <summary>What was refused, and in favour of what: for the log.</summary>
    public List<(string Refused, string KeptInstead, float Likeness)> Refusals { get; } = [];

    /// <summary>The shape of a drawing of <see cref="Style.Canvas"/> pixels a side.</summary>
    public static float[] ShapeOf(float[] drawing)
    {
        const int block = Style.Canvas / Grid;
        var shape = new float[Grid * Grid];
        for (var i = 0; i < drawing.Length; i++)
        {
            shape[(i / Style.Canvas / block * Grid) + (i % Style.Canvas / block)] += drawing[i];
        }

        shape = Blur(shape);
        var mean = shape.Average();
        shape = Array.ConvertAll(shape, value => value - mean);
        var length = MathF.Sqrt(Dot(shape, shape));
        return Array.ConvertAll(shape, value => value / length);
    }

    /// <summary>How many of the four quarter turns look different: 4, 2 (a half turn changes nothing) or 1.</summary>
    public static int DistinctTurns(float[] shape)
    {
        var quarter = Turn(shape);
        return Dot(shape, quarter) > SameShape ? 1 : Dot(shape, Turn(quarter)) > SameShape ? 2 : 4;
    }

    /// <summary>Adds a character, unless one that looks the same is there already.</summary>
    public bool TryAdd(string name, string split, float[][] shapes)
    {
        var turned = shapes.SelectMany(AllTurns).ToArray();
        foreach (var (other, otherSplit, otherShapes) in _kept)
        {
            var likeness = otherShapes.Max(a => turned.Max(b => Dot(a, b)));
            if (likeness > (split == otherSplit ? SameShape : SameShapeInOtherSplit))
            {
                Refusals.Add((name, other, likeness));
                return false;
            }
        }

        _kept.Add((name, split, shapes));
        return true;
    }

    private static IEnumerable<float[]> AllTurns(float[] shape)
    {
        for (var turn = 0; turn < 4; turn++)
        {
            yield return shape;
            shape = Turn(shape);
        }
    }

    private static float[] Turn(float[] shape)
    {
        var turned = new float[shape.Length];
        for (var i = 0; i < shape.Length; i++)
        {
            turned[(i % Grid * Grid) + (Grid - 1 - (i / Grid))] = shape[i];
        }

        return turned;
    }

    /// <summary>One pass of the binomial kernel 1 2 1 in both directions; the border is blank.</summary>
    private static float[] Blur(float[] image)
    {
        var result = new float[image.Length];
        for (var y = 1; y < Grid - 1; y++)
        {
            for (var x = 1; x < Grid - 1; x++)
            {
                for (var k = 0; k < 9; k++)
                {
                    int dx = (k % 3) - 1, dy = (k / 3) - 1;
                    result[(y * Grid) + x] += (2 - Math.Abs(dx)) * (2 - Math.Abs(dy)) * image[((y + dy) * Grid) + x + dx];
                }
            }
        }

        return result;
    }

    private static float Dot(float[] a, float[] b)
    {
        var sum = Vector<float>.Zero;
        for (var i = 0; i < a.Length; i += Vector<float>.Count)
        {
            sum += new Vector<float>(a, i) * new Vector<float>(b, i);
        }

        return Vector.Sum(sum);
    }
}

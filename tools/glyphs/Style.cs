namespace Deutero.Tools.Glyphs;

/// <summary>One way to write a character: slant, size, place, stroke and a gentle wobble, as a hand would vary them.</summary>
/// <remarks>Lengths are pixels of the finished 28x28 image unless said otherwise.</remarks>
internal sealed class Style
{
    /// <summary>The side of a finished image.</summary>
    public const int Side = 28;

    /// <summary>The side of the canvas that glyphs are drawn on before they are styled.</summary>
    public const int Canvas = 128;

    /// <summary>The longer side of a glyph on that canvas.</summary>
    public const int Extent = 88;

    private const int Knots = 6;
    private const int Supersampling = 3;
    private const byte FaintestInk = 204;

    private readonly float _angle;
    private readonly float _shear;
    private readonly float _aspect;
    private readonly float _size;
    private readonly float _shiftX;
    private readonly float _shiftY;
    private readonly float _strokeFactor;
    private readonly float _softness;
    private readonly float[] _wobbleX = new float[Knots * Knots];
    private readonly float[] _wobbleY = new float[Knots * Knots];

    /// <summary>Draws a style at random.</summary>
    public Style(SplitMix64 random)
    {
        _angle = 0.11f * random.Bell();
        _shear = 0.12f * random.Bell();
        _aspect = MathF.Exp(0.09f * random.Bell());
        _size = random.Uniform(17f, 23f);
        _shiftX = random.Uniform(-1.6f, 1.6f);
        _shiftY = random.Uniform(-1.6f, 1.6f);
        _strokeFactor = MathF.Exp(0.22f * random.Bell());
        _softness = random.Uniform(0.7f, 1.2f);
        var wobble = random.Uniform(0.5f, 1.7f);
        for (var i = 0; i < _wobbleX.Length; i++)
        {
            _wobbleX[i] = wobble * random.Bell();
            _wobbleY[i] = wobble * random.Bell();
        }
    }

    /// <summary>Draws the glyph in this style; shrinks it until nothing touches the frame, thickens it until it is black somewhere.</summary>
    public byte[] Draw(SignedDistance glyph)
    {
        var size = _size;
        var thicker = 0f;
        while (true)
        {
            var image = Draw(glyph, size, thicker);
            if (TouchesFrame(image))
            {
                size *= 0.94f;
            }
            else if (image.Max() < FaintestInk)
            {
                thicker += 0.08f;
            }
            else
            {
                return image;
            }
        }
    }

    private byte[] Draw(SignedDistance glyph, float size, float thicker)
    {
        var canvasPerPixel = Extent / size;
        var grow = StrokeGrowth(glyph.StrokeWidth / canvasPerPixel) + thicker;
        var image = new byte[Side * Side];
        for (var i = 0; i < image.Length; i++)
        {
            var ink = 0f;
            for (var s = 0; s < Supersampling * Supersampling; s++)
            {
                var x = (i % Side) + (((s % Supersampling) + 0.5f) / Supersampling) - (Side / 2f);
                var y = (i / Side) + (((s / Supersampling) + 0.5f) / Supersampling) - (Side / 2f);
                var (u, v) = Unwarp(x, y);
                var distance = glyph.At((u * canvasPerPixel) + (Canvas / 2f), (v * canvasPerPixel) + (Canvas / 2f)) / canvasPerPixel;
                ink += Math.Clamp(0.5f + ((distance + grow) / _softness), 0, 1);
            }

            image[i] = Quantise(ink / (Supersampling * Supersampling));
        }

        return image;
    }

    /// <summary>
    /// How far the outline moves outwards. No stroke ends thinner than a pixel, and none is made thicker than 3.2, where counters fill.
    /// </summary>
    private float StrokeGrowth(float width)
    {
        var wanted = Math.Clamp(width * _strokeFactor, 1.15f, 3.2f);
        return Math.Clamp((wanted - width) / 2, -0.25f * width, 0.6f);
    }

    /// <summary>From a point of the finished image to the point of the upright glyph that lands there.</summary>
    private (float X, float Y) Unwarp(float x, float y)
    {
        x -= _shiftX - Wobble(_wobbleX, x, y);
        y -= _shiftY - Wobble(_wobbleY, x, y);
        var (sin, cos) = MathF.SinCos(_angle);
        var (turnedX, turnedY) = ((cos * x) + (sin * y), (cos * y) - (sin * x));
        return ((turnedX + (_shear * turnedY)) * _aspect, turnedY / _aspect);
    }

    /// <summary>A smooth random displacement: a uniform cubic B-spline over a coarse grid.</summary>
    private static float Wobble(float[] grid, float x, float y)
    {
        const float cell = Side / (float)(Knots - 3);
        float gx = Math.Clamp((x + (Side / 2f)) / cell, 0, Knots - 3.001f), gy = Math.Clamp((y + (Side / 2f)) / cell, 0, Knots - 3.001f);
        int left = (int)gx, top = (int)gy;
        var sum = 0f;
        for (var j = 0; j < 4; j++)
        {
            for (var i = 0; i < 4; i++)
            {
                sum += Basis(j, gy - top) * Basis(i, gx - left) * grid[((top + j) * Knots) + left + i];
            }
        }

        return sum;
    }

    private static float Basis(int index, float t) => index switch
    {
        0 => (1 - t) * (1 - t) * (1 - t) / 6,
        1 => ((3 * t * t * t) - (6 * t * t) + 4) / 6,
        2 => ((-3 * t * t * t) + (3 * t * t) + (3 * t) + 1) / 6,
        _ => t * t * t / 6,
    };

    /// <summary>Sixteen levels of grey are enough for the eye and compress to half of what 256 take.</summary>
    private static byte Quantise(float ink) => (byte)(17 * (int)((ink * 15) + 0.5f));

    private static bool TouchesFrame(byte[] image)
    {
        for (var i = 0; i < Side; i++)
        {
            if ((image[i] | image[(Side * (Side - 1)) + i] | image[i * Side] | image[(i * Side) + Side - 1]) != 0)
            {
                return true;
            }
        }

        return false;
    }
}

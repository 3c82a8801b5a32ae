using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>One split of <see cref="Glyphs"/> in memory, one byte a pixel.</summary>
internal sealed class GlyphPool : IClassPool
{
    private const int Pixels = Glyphs.Side * Glyphs.Side;
    private readonly byte[] _images;
    private readonly (GlyphRow Row, int Position, int Turns)[] _classes;

    private GlyphPool(string name, byte[] images, (GlyphRow Row, int Position, int Turns)[] classes)
    {
        Name = name;
        _images = images;
        _classes = classes;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<long> ItemShape { get; } = [1, Glyphs.Side, Glyphs.Side];

    /// <inheritdoc/>
    public int ClassCount => _classes.Length;

    /// <summary>Reads a split; with <paramref name="rotations"/> every distinct quarter turn is a class of its own.</summary>
    public static GlyphPool Load(string split, bool rotations)
    {
        var classes = GlyphRow.ReadAll().Where(row => row.Split == split)
            .SelectMany((row, position) => Enumerable.Range(0, rotations ? row.Turns : 1).Select(turns => (row, position, turns)));
        return new GlyphPool($"glyphs/{split}{(rotations ? "/rotations" : "")}", GlyphResources.ReadImages(split), [.. classes]);
    }

    /// <inheritdoc/>
    public int ItemCount(int classIndex) => Glyphs.Renderings;

    /// <inheritdoc/>
    public string ClassName(int classIndex)
    {
        var (row, _, turns) = _classes[classIndex];
        return turns == 0 ? $"{row.Script}/{row.CodePoint}" : $"{row.Script}/{row.CodePoint}/rot{turns * 90:D3}";
    }

    /// <summary>The script; of turned classes, the script turned alike.</summary>
    public string Group(int classIndex)
    {
        var (row, _, turns) = _classes[classIndex];
        return turns == 0 ? row.Script : $"{row.Script}/rot{turns * 90:D3}";
    }

    /// <inheritdoc/>
    public void Write(int classIndex, int item, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(item);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(item, Glyphs.Renderings);
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, Pixels);
        var (_, position, turns) = _classes[classIndex];
        var image = _images.AsSpan(((position * Glyphs.Renderings) + item) * Pixels, Pixels);
        for (var i = 0; i < Pixels; i++)
        {
            destination[i] = image[Source(i / Glyphs.Side, i % Glyphs.Side, turns)] / 255f;
        }
    }

    /// <summary>Where a pixel of the turned image (counter-clockwise) is in the upright one.</summary>
    private static int Source(int y, int x, int turns)
    {
        const int last = Glyphs.Side - 1;
        return turns switch
        {
            0 => (y * Glyphs.Side) + x,
            1 => (x * Glyphs.Side) + last - y,
            2 => ((last - y) * Glyphs.Side) + last - x,
            _ => ((last - x) * Glyphs.Side) + y,
        };
    }
}

using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>A class pool over 8-bit images in one buffer; items are written as <c>[channels, height, width]</c> in [0, 1].</summary>
/// <remarks>
/// With <see cref="Rotations"/> every class counts four times, turned by 0, 90, 180 and 270 degrees counter-clockwise (as in
/// Vinyals 2016 and Snell 2017); class <c>4c + r</c> is class c turned r times. No pixel is stored twice: items are turned as they
/// are written.
/// </remarks>
public sealed class ImageClasses : IClassPool
{
    private readonly ImageBuffer images;
    private readonly ImageClass[] classes;
    private readonly long[] itemShape;

    /// <summary>Makes a pool of some classes of a buffer.</summary>
    /// <param name="name">What the pool is called in reports.</param>
    /// <param name="images">All images.</param>
    /// <param name="classes">The classes of this pool, in the order of their indices.</param>
    /// <exception cref="ArgumentException">A class is empty, names a row beyond the buffer, or two share a name.</exception>
    public ImageClasses(string name, ImageBuffer images, IEnumerable<ImageClass> classes)
    {
        (Name, this.images, this.classes) = (name, images, [.. classes]);
        itemShape = [images.Channels, images.Height, images.Width];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in this.classes)
        {
            if (one.Rows.Count == 0 || one.Rows.Any(row => row < 0 || row >= images.Count) || !names.Add(one.Name))
            {
                throw new ArgumentException(
                    $"Class {one.Name} of {name} must have a name of its own and at least one image among the "
                    + $"{images.Count} of the buffer.",
                    nameof(classes));
            }
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Whether each class counts four times, as itself and turned by 90, 180 and 270 degrees.</summary>
    /// <value>False by default.</value>
    /// <exception cref="ArgumentException">The images are not square.</exception>
    public bool Rotations
    {
        get;
        init => field = !value || images.Width == images.Height
            ? value
            : throw new ArgumentException(
                $"Images of {images.Height}x{images.Width} cannot be turned by 90 degrees: rotations need square "
                + $"images.", nameof(Rotations));
    }

    /// <summary>Whether values are written as 1 - x, for paper-white images of which the ink should be high.</summary>
    /// <value>False by default.</value>
    public bool Invert { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<long> ItemShape => itemShape;

    /// <inheritdoc/>
    public int ClassCount => classes.Length * Turns;

    private int Turns => Rotations ? 4 : 1;

    /// <inheritdoc/>
    public int ItemCount(int classIndex) => Class(classIndex).Rows.Count;

    /// <inheritdoc/>
    public string ClassName(int classIndex) =>
        Turned(Class(classIndex).Name, classIndex);

    /// <summary>The group that the class belongs to; with <see cref="Rotations"/>, classes that are turned alike: a turned alphabet is an alphabet of its own.</summary>
    /// <param name="classIndex">The class, in <c>[0, ClassCount)</c>.</param>
    public string Group(int classIndex) => Class(classIndex).Group is { Length: > 0 } group ? Turned(group, classIndex) : "";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The destination has another length than an item.</exception>
    public void Write(int classIndex, int item, Span<float> destination)
    {
        var image = images.Image(Class(classIndex).Rows[item]);
        if (destination.Length != image.Length)
        {
            throw new ArgumentException($"An item of {Name} has {image.Length} values, not {destination.Length}.", nameof(destination));
        }

        var (scale, shift) = Invert ? (-1 / 255f, 1f) : (1 / 255f, 0f);
        var plane = images.Height * images.Width;
        var (pixelStep, channelStep) = images.Layout == PixelLayout.ChannelsFirst ? (1, plane) : (images.Channels, 1);
        for (var channel = 0; channel < images.Channels; channel++)
        {
            var source = image[(channel * channelStep)..];
            WritePlane(source, pixelStep, classIndex % Turns, scale, shift, destination.Slice(channel * plane, plane));
        }
    }

    private string Turned(string name, int classIndex) => Rotations ? $"{name}/rot{classIndex % 4 * 90:000}" : name;

    private ImageClass Class(int classIndex) => classIndex >= 0 && classIndex < ClassCount
        ? classes[classIndex / Turns]
        : throw new ArgumentOutOfRangeException(nameof(classIndex), classIndex, $"{Name} has {ClassCount} classes.");

    private void WritePlane(ReadOnlySpan<byte> source, int pixelStep, int turns, float scale, float shift, Span<float> destination)
    {
        var (height, width) = (images.Height, images.Width);
        // Counter-clockwise: after one turn, row y shows what was column width-1-y.
        var (start, rowStep, columnStep) = turns switch
        {
            0 => (0, width, 1),
            1 => (width - 1, -1, width),
            2 => ((height * width) - 1, -width, -1),
            _ => ((height - 1) * width, 1, -width),
        };
        for (int y = 0, i = 0; y < height; y++)
        {
            var from = start + (y * rowStep);
            for (var x = 0; x < width; x++, from += columnStep)
            {
                destination[i++] = (source[from * pixelStep] * scale) + shift;
            }
        }
    }
}

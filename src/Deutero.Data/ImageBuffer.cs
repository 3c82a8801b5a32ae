namespace Deutero.Data;

/// <summary>Many images of one size in one array of bytes, shared by the splits of a data set.</summary>
public sealed class ImageBuffer
{
    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="pixels">The images one after the other, row-major.</param>
    /// <param name="channels">Channels of an image.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="layout">The order of the bytes of one image.</param>
    /// <exception cref="ArgumentException">The bytes are not a whole number of images.</exception>
    public ImageBuffer(byte[] pixels, int channels, int height, int width, PixelLayout layout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var size = checked(channels * height * width);
        if (pixels.Length % size != 0)
        {
            throw new ArgumentException(
                $"{pixels.Length} bytes are not a whole number of images of {channels}x{height}x{width} = {size} bytes.", nameof(pixels));
        }

        (Pixels, Channels, Height, Width, Layout) = (pixels, channels, height, width, layout);
        (ImageSize, Count) = (size, pixels.Length / size);
    }

    /// <summary>The images one after the other.</summary>
    public byte[] Pixels { get; }

    /// <summary>Channels of an image.</summary>
    public int Channels { get; }

    /// <summary>Rows of an image.</summary>
    public int Height { get; }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>The order of the bytes of one image.</summary>
    public PixelLayout Layout { get; }

    /// <summary>Bytes of one image.</summary>
    public int ImageSize { get; }

    /// <summary>The number of images.</summary>
    public int Count { get; }

    /// <summary>The bytes of one image, in <see cref="Layout"/> order.</summary>
    /// <param name="index">The image, in <c>[0, Count)</c>.</param>
    public ReadOnlySpan<byte> Image(int index) => Pixels.AsSpan(checked(index * ImageSize), ImageSize);
}

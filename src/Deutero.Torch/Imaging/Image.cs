using System.Runtime.InteropServices;

namespace Deutero.Torch.Imaging;

/// <summary>An 8-bit image in host memory, interleaved by pixel: <c>[height, width, channels]</c>.</summary>
public sealed class Image
{
    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Pixels a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.</param>
    /// <param name="pixels">Exactly <c>width · height · channels</c> bytes, row-major, channels last.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of range.</exception>
    public Image(int width, int height, int channels, byte[] pixels)
    {
        ImageFile.CheckSize(width, height, channels);
        if (pixels.Length != (long)width * height * channels)
        {
            throw new ArgumentException(
                $"An image of {width}x{height} with {channels} channel(s) has {(long)width * height * channels} "
                + $"bytes, not {pixels.Length}.",
                nameof(pixels));
        }

        (Width, Height, Channels, Pixels) = (width, height, channels, pixels);
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>The number of rows.</summary>
    public int Height { get; }

    /// <summary>Bytes a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.</summary>
    public int Channels { get; }

    /// <summary>The pixels, <c>[height, width, channels]</c>, row-major.</summary>
    public byte[] Pixels { get; }

    /// <summary>The image at another size. The aspect ratio is not kept: every edge maps to its edge.</summary>
    /// <param name="width">The new width, 1 to <see cref="ImageFile.MaximumSide"/>.</param>
    /// <param name="height">The new height, 1 to <see cref="ImageFile.MaximumSide"/>.</param>
    /// <param name="filter">How pixels are weighed.</param>
    /// <returns>A new image; this one itself if the size is already right.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of range.</exception>
    /// <exception cref="DllNotFoundException">libstb is not installed.</exception>
    public Image Resize(int width, int height, ResizeFilter filter = ResizeFilter.Lanczos)
    {
        ImageFile.CheckSize(width, height, Channels);
        if (width == Width && height == Height)
        {
            return this;
        }

        return filter == ResizeFilter.Lanczos ? Lanczos.Resize(this, width, height) : ResizeNatively(width, height, filter);
    }

    /// <summary>The image as a PNG file.</summary>
    /// <returns>The bytes of the file.</returns>
    /// <exception cref="DllNotFoundException">libstb is not installed.</exception>
    public byte[] EncodePng()
    {
        var length = 0;
        var memory = Stb.Guard(() => Stb.EncodePng(Pixels, Width * Channels, Width, Height, Channels, out length));
        if (memory == 0)
        {
            throw new InsufficientMemoryException($"There was no memory to encode an image of {Width}x{Height} as PNG.");
        }

        try
        {
            var file = new byte[length];
            Marshal.Copy(memory, file, 0, length);
            return file;
        }
        finally
        {
            Stb.Free(memory);
        }
    }

    private Image ResizeNatively(int width, int height, ResizeFilter filter)
    {
        var resized = new byte[width * height * Channels];
        var done = Stb.Guard(() => Stb.Resize(
            Pixels, Width, Height, 0, resized, width, height, 0, Channels, Stb.NoAlphaChannel, 0, Stb.ClampAtEdges, (int)filter, 0, 0));
        return done == 1
            ? new Image(width, height, Channels, resized)
            : throw new InsufficientMemoryException($"There was no memory to resize an image of {Width}x{Height} to {width}x{height}.");
    }
}

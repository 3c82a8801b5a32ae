using System.Runtime.InteropServices;

namespace Deutero.Torch.Imaging;

/// <summary>Reads PNG and JPEG files, and refuses the damaged ones.</summary>
/// <remarks>
/// libstb decodes fast and forgives much: it skips checksums, fills missing data with whatever was in memory, and its JPEG reader
/// trusts table sizes. So the structure of a file is checked in managed code first, and only a file that holds together gets to it.
/// What a JPEG cannot tell (it has no checksum), a wrong pixel among right ones, is not detected.
/// </remarks>
public static class ImageFile
{
    /// <summary>The greatest width and height that is read: 8,192 pixels.</summary>
    public const int MaximumSide = 8192;

    /// <summary>The longest file that is read: 256 MiB.</summary>
    public const int MaximumFileBytes = 256 << 20;

    private static ReadOnlySpan<byte> JpegSignature => [0xFF, 0xD8, 0xFF];

    /// <summary>Decodes a PNG or JPEG file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="channels">
    /// The channels to return: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. Colour becomes grey as (77 R + 150 G + 29 B) / 256;
    /// alpha that is not asked for is dropped, not blended; 16-bit samples keep their upper 8 bits.
    /// </param>
    /// <param name="name">What messages call the file.</param>
    /// <returns>The image at its own size.</returns>
    /// <exception cref="ImageFormatException">The file is not a whole PNG or JPEG within the limits.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="channels"/> is not 1 to 4.</exception>
    /// <exception cref="DllNotFoundException">libstb is not installed.</exception>
    public static Image Decode(ReadOnlySpan<byte> file, int channels, string name = "The image")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, 4);
        if (file.Length > MaximumFileBytes)
        {
            throw new ImageFormatException($"{name} has {file.Length:N0} bytes, more than the {MaximumFileBytes:N0} that are read.");
        }

        if (file.StartsWith(PngStructure.Signature))
        {
            return DecodeChecked(PngStructure.Check(file, name), channels, name, "PNG");
        }

        if (file.StartsWith(JpegSignature))
        {
            JpegStructure.Check(file, name);
            return DecodeChecked(file.ToArray(), channels, name, "JPEG");
        }

        throw new ImageFormatException(file.IsEmpty
            ? $"{name} is empty, not a PNG or a JPEG."
            : $"{name} is neither a PNG nor a JPEG: it starts with the bytes {Convert.ToHexString(file[..Math.Min(file.Length, 8)])}.");
    }

    /// <summary>Reads and decodes a PNG or JPEG file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="channels">The channels to return, as for <see cref="Decode"/>.</param>
    /// <returns>The image at its own size.</returns>
    /// <exception cref="ImageFormatException">The file is not a whole PNG or JPEG within the limits.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Image Read(string path, int channels)
    {
        var length = new FileInfo(path).Length;
        return length > MaximumFileBytes
            ? throw new ImageFormatException($"{path} has {length:N0} bytes, more than the {MaximumFileBytes:N0} that are read.")
            : Decode(File.ReadAllBytes(path), channels, path);
    }

    internal static void CheckSize(int width, int height, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, MaximumSide);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, MaximumSide);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, 4);
    }

    private static Image DecodeChecked(byte[] file, int channels, string name, string format)
    {
        var (width, height) = (0, 0);
        var memory = Stb.Guard(() => Stb.Load(file, file.Length, out width, out height, out _, channels));
        if (memory == 0)
        {
            throw new ImageFormatException(
                $"{name} is a {format} that cannot be decoded: {Marshal.PtrToStringUTF8(Stb.FailureReason()) ?? "no reason is known"}.");
        }

        try
        {
            var pixels = new byte[width * height * channels];
            Marshal.Copy(memory, pixels, 0, pixels.Length);
            return new Image(width, height, channels, pixels);
        }
        finally
        {
            Stb.Free(memory);
        }
    }
}

using Deutero.Torch.Imaging;

namespace Deutero.Edge;

/// <summary>How a model wants its images.</summary>
/// <param name="Channels">1 for grey, 3 for RGB.</param>
/// <param name="Size">Pixels a side.</param>
/// <param name="InkIsBright">Whether the model learned drawings: ink near 1 on a ground of 0.</param>
public sealed record ImageContract(int Channels, int Size, bool InkIsBright)
{
    /// <summary>The shape of one item, <c>[channels, size, size]</c>.</summary>
    public IReadOnlyList<long> ItemShape => [Channels, Size, Size];

    // Ink needs to know what is transparent.
    private int DecodedChannels => InkIsBright ? Channels + 1 : Channels;

    /// <summary>Reads an image as the model wants it.</summary>
    /// <param name="path">A PNG or JPEG file; it is resized to a square, whatever its aspect.</param>
    /// <param name="polarity">Whether to invert it.</param>
    /// <returns>The values <c>[channels, size, size]</c> in [0, 1], and whether the image was inverted.</returns>
    /// <exception cref="ImageFormatException">The file is not a whole PNG or JPEG.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public (float[] Values, bool Inverted) Read(string path, InkPolarity polarity) => Values(ImageFile.Read(path, DecodedChannels), polarity);

    /// <summary>Decodes an image as the model wants it.</summary>
    /// <param name="file">The whole PNG or JPEG file; the image is resized to a square, whatever its aspect.</param>
    /// <param name="polarity">Whether to invert it.</param>
    /// <param name="name">What messages call the file.</param>
    /// <returns>The values <c>[channels, size, size]</c> in [0, 1], and whether the image was inverted.</returns>
    /// <exception cref="ImageFormatException">The file is not a whole PNG or JPEG.</exception>
    public (float[] Values, bool Inverted) Decode(ReadOnlySpan<byte> file, InkPolarity polarity, string name = "The image") =>
        Values(ImageFile.Decode(file, DecodedChannels, name), polarity);

    private (float[] Values, bool Inverted) Values(Image decoded, InkPolarity polarity)
    {
        var image = (InkIsBright ? OnPaper(decoded) : decoded).Resize(Size, Size);
        var inverted = polarity == InkPolarity.Yes || (polarity == InkPolarity.Auto && InkIsBright && BorderIsBright(image));
        var values = new float[Channels * Size * Size];
        for (var pixel = 0; pixel < Size * Size; pixel++)
        {
            for (var channel = 0; channel < Channels; channel++)
            {
                var value = image.Pixels[(pixel * Channels) + channel] / 255f;
                values[(channel * Size * Size) + pixel] = inverted ? 1 - value : value;
            }
        }

        return (values, inverted);
    }

    // A drawing on a transparent ground is a drawing on paper; its hidden pixels may have any colour.
    private static Image OnPaper(Image image)
    {
        var channels = image.Channels - 1;
        var blended = new byte[image.Width * image.Height * channels];
        for (var i = 0; i < blended.Length; i++)
        {
            var pixel = i / channels * image.Channels;
            var alpha = image.Pixels[pixel + channels];
            blended[i] = (byte)(((image.Pixels[pixel + (i % channels)] * alpha) + (255 * (255 - alpha)) + 127) / 255);
        }

        return new Image(image.Width, image.Height, channels, blended);
    }

    private static bool BorderIsBright(Image image)
    {
        var (sum, count) = (0L, 0);
        for (var y = 0; y < image.Height; y++)
        {
            var step = y == 0 || y == image.Height - 1 ? 1 : image.Width - 1;
            for (var x = 0; x < image.Width; x += step)
            {
                sum += image.Pixels[((y * image.Width) + x) * image.Channels];
                count++;
            }
        }

        return sum > 127.5 * count;
    }
}

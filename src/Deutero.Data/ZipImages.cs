using System.IO.Compression;
using Deutero.Torch.Imaging;

namespace Deutero.Data;

/// <summary>Reads small files out of a zip archive, within limits.</summary>
internal sealed class ZipImages : IDisposable
{
    private const int MaximumEntryBytes = 1 << 20;
    private readonly string path;
    private readonly ZipArchive archive;

    internal ZipImages(string path)
    {
        this.path = path;
        try
        {
            archive = ZipFile.OpenRead(path);
            Names = [.. archive.Entries.Select(entry => entry.FullName).Where(name => !name.EndsWith('/')).Order(StringComparer.Ordinal)];
        }
        catch (InvalidDataException fault)
        {
            archive?.Dispose();
            throw new DataFormatException($"{path} is not a whole zip archive.", fault);
        }
    }

    /// <summary>The names of the files, in ordinal order.</summary>
    internal IReadOnlyList<string> Names { get; }

    /// <summary>A grey PNG of 105x105 pixels, ink 0, as ink-high pixels at another size.</summary>
    internal byte[] ReadDrawing(string name, int size)
    {
        var image = ImageFile.Decode(ReadBytes(name), 1, $"{path}: {name}");
        if (image.Width != Omniglot.OriginalSize || image.Height != Omniglot.OriginalSize)
        {
            throw new DataFormatException($"{path}: {name} has {image.Width}x{image.Height} pixels, not 105x105.");
        }

        var pixels = image.Resize(size, size).Pixels;
        return Array.ConvertAll(pixels, value => (byte)(255 - value));
    }

    internal byte[] ReadBytes(string name)
    {
        var entry = archive.GetEntry(name) ?? throw new DataFormatException($"{path} has no file {name}.");
        if (entry.Length > MaximumEntryBytes)
        {
            throw new DataFormatException($"{path}: {name} has {entry.Length:N0} bytes, more than {MaximumEntryBytes:N0}.");
        }

        try
        {
            using var stream = entry.Open();
            var bytes = new byte[entry.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            throw new DataFormatException($"{path}: {name} is damaged.", fault);
        }
    }

    public void Dispose() => archive.Dispose();
}

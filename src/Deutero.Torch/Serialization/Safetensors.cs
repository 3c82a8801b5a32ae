namespace Deutero.Torch.Serialization;

/// <summary>Reads and writes safetensors files: named tensors as plain bytes, which hold no code and are checked in full.</summary>
public static class Safetensors
{
    private const int BufferSize = 1 << 16;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The metadata and all tensors.</returns>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="SafetensorsException">The file is not a valid safetensors file; the message names it.</exception>
    public static SafetensorsFile ReadAll(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize);
        try
        {
            return ReadAll(stream);
        }
        catch (SafetensorsException e)
        {
            throw new SafetensorsException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Reads a stream from its position to its end.</summary>
    /// <param name="stream">A seekable stream.</param>
    /// <returns>The metadata and all tensors.</returns>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    /// <exception cref="SafetensorsException">The content is not valid, or a tensor is larger than an array can be (2 GiB).</exception>
    public static SafetensorsFile ReadAll(Stream stream)
    {
        try
        {
            var header = SafetensorsHeader.Parse(stream);
            return new SafetensorsFile(header.Metadata, [.. header.Entries.Select(entry => ReadItem(stream, entry))]);
        }
        catch (EndOfStreamException e)
        {
            throw new SafetensorsException("The file became shorter while it was read.", e);
        }
    }

    /// <summary>Writes a file, whole or not at all: see <see cref="AtomicFile.Write"/>.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="items">The tensors in any order. Equal tensors and metadata give equal bytes, whatever the order.</param>
    /// <param name="metadata">Free text by key.</param>
    /// <exception cref="IOException">The file cannot be written; one that existed is unchanged.</exception>
    /// <exception cref="SafetensorsException">
    /// The format cannot hold the items (see <see cref="SafetensorsHeader.Arrange"/>), or an item's data does not fit its entry.
    /// </exception>
    public static void Write(string path, IReadOnlyList<SafetensorsItem> items, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, stream => Write(stream, items, metadata));

    /// <summary>Writes to a stream.</summary>
    /// <param name="stream">Where to; nothing is written if the items are refused.</param>
    /// <param name="items">The tensors in any order. Equal tensors and metadata give equal bytes, whatever the order.</param>
    /// <param name="metadata">Free text by key.</param>
    /// <exception cref="SafetensorsException">
    /// The format cannot hold the items (see <see cref="SafetensorsHeader.Arrange"/>), or an item's data does not fit its entry.
    /// </exception>
    public static void Write(Stream stream, IReadOnlyList<SafetensorsItem> items, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var header = SafetensorsHeader.Arrange(items.Select(item => item.Entry), metadata);
        var data = items.ToDictionary(item => item.Entry.Name, item => item.Data, StringComparer.Ordinal);
        foreach (var entry in header.Entries)
        {
            CheckData(entry, data[entry.Name]);
        }

        stream.Write(header.Encode());
        foreach (var entry in header.Entries)
        {
            stream.Write(data[entry.Name]);
        }
    }

    private static SafetensorsItem ReadItem(Stream stream, SafetensorsEntry entry)
    {
        var size = entry.End - entry.Begin;
        if (size > Array.MaxLength)
        {
            throw new SafetensorsException(
                $"{SafetensorsLayout.Subject(entry)} has {size} bytes; expected at most {Array.MaxLength} to read it into memory.");
        }

        // The header is consistent with the file's length, so this many bytes are there.
        var data = new byte[size];
        stream.ReadExactly(data);
        CheckData(entry, data);
        return new SafetensorsItem(entry, data);
    }

    private static void CheckData(SafetensorsEntry entry, byte[] data)
    {
        var size = entry.End - entry.Begin;
        if (data.Length != size)
        {
            throw new SafetensorsException(
                $"{SafetensorsLayout.Subject(entry)} has {data.Length} bytes; its dtype {entry.DType} and shape ask for {size}.");
        }

        // Another value would be undefined behaviour in the C++ that computes with it.
        var strange = entry.DType == "BOOL" ? data.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)1) : -1;
        if (strange >= 0)
        {
            throw new SafetensorsException(
                $"{SafetensorsLayout.Subject(entry)} has dtype BOOL and the value {data[strange]} at element {strange}; expected 0 or 1.");
        }
    }
}

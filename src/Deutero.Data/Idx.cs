using System.Buffers.Binary;
using System.IO.Compression;

namespace Deutero.Data;

/// <summary>Reads IDX files of unsigned bytes (the format of MNIST), gzip-compressed or not.</summary>
/// <remarks>Memory grows with what the file holds, not with what its header claims, up to <see cref="MaximumBytes"/>.</remarks>
public static class Idx
{
    /// <summary>The most values that are read from one file: 1 GiB.</summary>
    public const int MaximumBytes = 1 << 30;

    /// <summary>Reads a file; it is unpacked if it starts as gzip does.</summary>
    /// <param name="path">The file, for example <c>omniglot28-images-idx3-ubyte.gz</c>.</param>
    /// <param name="dimensions">How many sizes the file must have.</param>
    /// <returns>The array.</returns>
    /// <exception cref="DataFormatException">The file is not a whole IDX file of that many dimensions.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IdxArray ReadFile(string path, int dimensions)
    {
        using var file = File.OpenRead(path);
        return Read(file, dimensions, path);
    }

    /// <summary>Reads a stream; it is unpacked if it starts as gzip does.</summary>
    /// <param name="stream">A stream that can seek, at its beginning.</param>
    /// <param name="dimensions">How many sizes the file must have, 1 to 8.</param>
    /// <param name="name">What messages call the file.</param>
    /// <returns>The array.</returns>
    /// <exception cref="DataFormatException">The file is not a whole IDX file of that many dimensions.</exception>
    public static IdxArray Read(Stream stream, int dimensions, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, 8);
        var isGzip = stream.ReadByte() == 0x1F;
        stream.Position = 0;
        try
        {
            using var unpacked = isGzip ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : null;
            var content = unpacked ?? stream;
            var shape = ReadShape(content, dimensions, name);
            var values = shape.Aggregate(1L, (product, size) => product * size is var next and <= MaximumBytes
                ? next
                : throw new DataFormatException(
                    $"{name} claims a shape of [{string.Join(", ", shape)}], more than {MaximumBytes:N0} values."));
            var data = ReadValues(content, (int)values, shape, name);
            if (isGzip)
            {
                CheckTrailer(stream, 4 + (4 * dimensions) + data.Length, name);
            }

            return new IdxArray(shape, data);
        }
        catch (InvalidDataException fault)
        {
            throw new DataFormatException($"{name} is a damaged gzip file.", fault);
        }
    }

    private static int[] ReadShape(Stream content, int dimensions, string name)
    {
        Span<byte> header = stackalloc byte[4 + (4 * dimensions)];
        var read = content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read < 4 || header[0] != 0 || header[1] != 0 || header[2] != 8 || header[3] != dimensions)
        {
            throw new DataFormatException($"{name} is not an IDX file of unsigned bytes with {dimensions} dimension(s): "
                + $"it starts with {Convert.ToHexString(header[..Math.Min(read, 4)])}, not 000008{dimensions:X2}.");
        }

        if (read < header.Length)
        {
            throw new DataFormatException($"{name} ends inside its header, after {read} of {header.Length} bytes.");
        }

        var shape = new int[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(header[(4 + (4 * i))..]);
            shape[i] = size <= MaximumBytes
                ? (int)size
                : throw new DataFormatException($"{name} claims {size:N0} entries along dimension {i}, more than {MaximumBytes:N0}.");
        }

        return shape;
    }

    private static byte[] ReadValues(Stream content, int count, int[] shape, string name)
    {
        var values = new byte[Math.Min(count, 1 << 20)];
        var filled = 0;
        while (true)
        {
            filled += content.ReadAtLeast(values.AsSpan(filled), values.Length - filled, throwOnEndOfStream: false);
            if (filled < values.Length)
            {
                throw new DataFormatException(
                    $"{name} holds {filled:N0} values where its shape [{string.Join(", ", shape)}] needs {count:N0}.");
            }

            if (filled == count)
            {
                break;
            }

            Array.Resize(ref values, (int)Math.Min(count, 2L * values.Length));
        }

        // Reading on to the end also makes gzip compare its checksum.
        return content.ReadByte() < 0
            ? values
            : throw new DataFormatException($"{name} holds more values than the {count:N0} of its shape [{string.Join(", ", shape)}].");
    }

    /// <summary>GZipStream accepts a file whose last bytes, the checksum and the length of the content, are cut off.</summary>
    private static void CheckTrailer(Stream stream, int unpackedBytes, string name)
    {
        Span<byte> length = stackalloc byte[4];
        stream.Position = stream.Length - length.Length;
        stream.ReadExactly(length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(length) != unpackedBytes)
        {
            throw new DataFormatException($"{name} is a damaged gzip file: its end is missing.");
        }
    }
}

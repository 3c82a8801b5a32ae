using System.Buffers.Binary;
using System.Text.Unicode;

namespace Deutero.Torch.Serialization;

/// <summary>The header of a safetensors file: which tensors it holds and where their bytes are.</summary>
/// <remarks>
/// A header exists only if it is consistent: names are unique, every dtype is supported, every size follows from dtype and shape,
/// and together the tensors cover the data exactly once, without holes, overlaps or bytes left over.
/// </remarks>
public sealed class SafetensorsHeader
{
    /// <summary>The longest header that the format allows, in bytes.</summary>
    public const int MaxLength = 100_000_000;

    private const int PrefixLength = sizeof(ulong);

    private static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    private SafetensorsHeader(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata, long dataStart)
    {
        Entries = entries;
        Metadata = metadata ?? NoMetadata;
        DataStart = dataStart;
    }

    /// <summary>The tensors, in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>Free text by key; empty if there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Where the data begins, in bytes from the start of the file; offsets of entries count from here.</summary>
    public long DataStart { get; }

    /// <summary>The bytes of all tensors together.</summary>
    public long DataLength => Entries.Count == 0 ? 0 : Entries[^1].End;

    /// <summary>Reads a header and leaves the stream at the first byte of the data.</summary>
    /// <param name="stream">A seekable stream that holds a safetensors file from its position to its end.</param>
    /// <returns>The header.</returns>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    /// <exception cref="SafetensorsException">The header is not valid, or does not fit the data that follows it.</exception>
    public static SafetensorsHeader Parse(Stream stream)
    {
        if (!stream.CanSeek)
        {
            throw new ArgumentException("The stream cannot seek; expected one whose length is known before it is read.", nameof(stream));
        }

        var fileLength = stream.Length - stream.Position;
        if (fileLength < PrefixLength)
        {
            throw new SafetensorsException(
                $"The file has {fileLength} bytes; expected at least the {PrefixLength} that give the header's length.");
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        stream.ReadExactly(prefix);
        // Checked before anything is allocated by it.
        var length = CheckedLength(BinaryPrimitives.ReadUInt64LittleEndian(prefix), fileLength);
        var json = new byte[length];
        stream.ReadExactly(json);
        return Parse(json, fileLength);
    }

    /// <summary>Reads a header from its JSON.</summary>
    /// <param name="header">The JSON, without the 8 bytes before it that give its length, and with the spaces that may pad it.</param>
    /// <param name="fileLength">The length of the whole file in bytes: 8, the header and the data.</param>
    /// <returns>The header.</returns>
    /// <exception cref="SafetensorsException">The header is not valid, or does not fit the data that follows it.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> header, long fileLength)
    {
        CheckedLength((ulong)header.Length, fileLength);
        if (!Utf8.IsValid(header))
        {
            throw new SafetensorsException("The header is not valid UTF-8; expected a JSON object in UTF-8.");
        }

        var json = header.TrimEnd((byte)' ');
        CheckBraces(json);
        var dataStart = PrefixLength + header.Length;
        var (entries, metadata) = new SafetensorsJsonReader(json).ReadHeader();
        return new SafetensorsHeader(SafetensorsLayout.Checked(entries, fileLength - dataStart), metadata, dataStart);
    }

    /// <summary>Lays tensors out as the reference implementation does: by falling element size and type, then by name.</summary>
    /// <param name="entries">The tensors in any order. Their offsets are not looked at; the header has new ones.</param>
    /// <param name="metadata">Free text by key.</param>
    /// <returns>The header of a file with these tensors.</returns>
    /// <exception cref="SafetensorsException">
    /// A name is used twice or is <c>__metadata__</c>, a dtype is not supported, a shape has a negative axis or too large a product, a
    /// text is not valid Unicode, or the header would be longer than <see cref="MaxLength"/>.
    /// </exception>
    public static SafetensorsHeader Arrange(IEnumerable<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsJsonReader.MetadataKey };
        var arranged = new List<SafetensorsEntry>();
        long end = 0;
        var bySize = entries.OrderByDescending(entry => SafetensorsDType.Rank(entry.DType));
        foreach (var entry in bySize.ThenBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (!names.Add(entry.Name))
            {
                var name = SafetensorsException.Quote(entry.Name);
                throw new SafetensorsException($"The name {name} is taken; expected unique names other than __metadata__.");
            }

            var begin = end;
            end = Sum(begin, SafetensorsLayout.SizeOf(entry));
            arranged.Add(entry with { Begin = begin, End = end });
        }

        var unplaced = new SafetensorsHeader(arranged, metadata, 0);
        return new SafetensorsHeader(arranged, metadata, unplaced.Encode().Length);
    }

    /// <summary>The header as it stands at the start of a file: its length, its JSON, and spaces up to a multiple of 8 bytes.</summary>
    /// <returns>The bytes up to the data. Equal entries in equal order and equal metadata give equal bytes.</returns>
    /// <exception cref="SafetensorsException">The header exceeds <see cref="MaxLength"/>, or a text is not valid Unicode.</exception>
    public byte[] Encode()
    {
        var json = SafetensorsJsonWriter.Write(Entries, Metadata);
        var length = (json.Length + 7) / 8 * 8;
        CheckedLength((ulong)length, long.MaxValue);
        var bytes = new byte[PrefixLength + length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)length);
        json.CopyTo(bytes, PrefixLength);
        bytes.AsSpan(PrefixLength + json.Length).Fill((byte)' ');
        return bytes;
    }

    private static int CheckedLength(ulong length, long fileLength)
    {
        if (length > MaxLength)
        {
            throw new SafetensorsException($"The header has a length of {length} bytes; expected at most {MaxLength}.");
        }

        var rest = fileLength - PrefixLength;
        return (long)length <= rest
            ? (int)length
            : throw new SafetensorsException(
                $"The header has a length of {length} bytes, and the file has only {rest} after the {PrefixLength} that say so.");
    }

    private static void CheckBraces(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            throw new SafetensorsException("The header is empty; expected a JSON object.");
        }

        if (json[0] != (byte)'{' || json[^1] != (byte)'}')
        {
            var found = $"The header begins with byte 0x{json[0]:x2} and ends with 0x{json[^1]:x2}";
            throw new SafetensorsException($"{found}; expected '{{' and '}}', and only spaces after it.");
        }
    }

    private static long Sum(long begin, long size) => size <= long.MaxValue - begin
        ? begin + size
        : throw new SafetensorsException("The tensors together have more bytes than fit 64 bits.");
}

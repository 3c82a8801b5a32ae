using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Deutero.Edge.Onnx;

/// <summary>Writes the fields of a protobuf message, of the few kinds that ONNX needs.</summary>
internal sealed class ProtobufWriter
{
    private const int VarintKind = 0;
    private const int BytesKind = 2;
    private const int Fixed32Kind = 5;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What was written.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    internal ProtobufWriter Integer(int field, long value)
    {
        Varint(((ulong)field << 3) | VarintKind);
        Varint((ulong)value);
        return this;
    }

    internal ProtobufWriter Single(int field, float value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        Varint(((ulong)field << 3) | Fixed32Kind);
        _bytes.Write(bytes);
        return this;
    }

    internal ProtobufWriter Text(int field, string value) => Raw(field, Encoding.UTF8.GetBytes(value));

    internal ProtobufWriter Message(int field, ProtobufWriter message) => Raw(field, message.Bytes);

    /// <summary>The fields of another writer, as fields of this message.</summary>
    internal ProtobufWriter Append(ProtobufWriter fields)
    {
        _bytes.Write(fields.Bytes);
        return this;
    }

    /// <summary>Numbers as little-endian bytes, as every machine that libtorch runs on has them.</summary>
    internal ProtobufWriter Numbers<T>(int field, ReadOnlySpan<T> values)
        where T : unmanaged => Raw(field, MemoryMarshal.AsBytes(values));

    private ProtobufWriter Raw(int field, ReadOnlySpan<byte> bytes)
    {
        Varint(((ulong)field << 3) | BytesKind);
        Varint((ulong)bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _bytes.Write([(byte)(value | 0x80)]);
            value >>= 7;
        }

        _bytes.Write([(byte)value]);
    }
}

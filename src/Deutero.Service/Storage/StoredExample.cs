using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Deutero.Service.Storage;

/// <summary>A stored example.</summary>
internal sealed record StoredExample(long Id, string Hash, float[] Values)
{
    internal static string HashOf(float[] values) => Convert.ToHexStringLower(SHA256.HashData(BytesOf(values)));

    // Little-endian, as every machine that libtorch runs on is.
    internal static ReadOnlySpan<byte> BytesOf(float[] values) => MemoryMarshal.AsBytes(values.AsSpan());

    internal static float[] ValuesOf(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();
}

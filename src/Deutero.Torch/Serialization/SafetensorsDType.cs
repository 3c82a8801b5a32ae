namespace Deutero.Torch.Serialization;

// The types of elements, as a safetensors file names them.
internal static class SafetensorsDType
{
    // Ascending in the order of the reference implementation, which lays tensors out from the last to the first: by falling size,
    // so that every tensor is aligned to its own element.
    private static readonly (string Name, int Size)[] Supported =
    [
        ("BOOL", 1), ("U8", 1), ("I8", 1), ("I16", 2), ("F16", 2), ("BF16", 2), ("I32", 4), ("F32", 4), ("F64", 8), ("I64", 8),
    ];

    // Names of the format that libtorch has no arithmetic for, or that Deutero has no use for.
    private static readonly string[] Unsupported =
    [
        "U16", "U32", "U64", "F4", "F6_E2M3", "F6_E3M2", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64", "C128",
    ];

    private const string Expected = "expected F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL";

    // The place in the reference order; -1 for a name that is not supported.
    public static int Rank(string name) => Array.FindIndex(Supported, type => type.Name == name);

    // The bytes of one element.
    public static int Size(string tensor, string name)
    {
        var rank = Rank(name);
        if (rank >= 0)
        {
            return Supported[rank].Size;
        }

        var kind = Unsupported.Contains(name) ? "unsupported" : "unknown";
        throw new SafetensorsException(
            $"Tensor {SafetensorsException.Quote(tensor)} has the {kind} dtype {SafetensorsException.Quote(name)}; {Expected}.");
    }
}

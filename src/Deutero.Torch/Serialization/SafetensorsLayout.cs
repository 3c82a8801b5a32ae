namespace Deutero.Torch.Serialization;

// The rules that tie entries to bytes: sizes follow from dtype and shape, and together the entries cover the data exactly once.
internal static class SafetensorsLayout
{
    // The bytes that an entry's dtype and shape ask for.
    public static long SizeOf(SafetensorsEntry entry)
    {
        long size = SafetensorsDType.Size(entry.Name, entry.DType);
        var empty = false;
        foreach (var axis in entry.Shape)
        {
            // An axis of length 0 must not hide an overflow in the others: strides are computed from them.
            empty |= axis == 0;
            size = axis == 0 ? size : Times(entry, size, axis);
        }

        return empty ? 0 : size;
    }

    // Entries in the order of their bytes, once every one of them is consistent with `dataLength` bytes of data.
    public static IReadOnlyList<SafetensorsEntry> Checked(IEnumerable<SafetensorsEntry> entries, long dataLength)
    {
        // OrderBy is stable: empty tensors at the same place stay in the order of the header.
        var ordered = entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End).ToArray();
        long reached = 0;
        foreach (var entry in ordered)
        {
            CheckRange(entry, dataLength);
            CheckPlace(entry, reached);
            reached = entry.End;
        }

        return reached == dataLength
            ? ordered
            : throw new SafetensorsException(
                $"The tensors end at byte {reached} of the data, and the file has {dataLength} bytes of data.");
    }

    // How a message begins that is about an entry.
    public static string Subject(SafetensorsEntry entry) => $"Tensor {SafetensorsException.Quote(entry.Name)}";

    private static long Times(SafetensorsEntry entry, long size, long axis)
    {
        if (axis < 0)
        {
            throw new SafetensorsException($"{Subject(entry)} has an axis of length {axis} in its shape; expected 0 or more.");
        }

        return size <= long.MaxValue / axis
            ? size * axis
            : throw new SafetensorsException($"{Subject(entry)} has a shape whose size in bytes does not fit 64 bits.");
    }

    private static void CheckRange(SafetensorsEntry entry, long dataLength)
    {
        var offsets = $"{Subject(entry)} has data_offsets [{entry.Begin}, {entry.End}]";
        if (entry.Begin > entry.End)
        {
            throw new SafetensorsException($"{offsets}; expected the first to be at most the second.");
        }

        if (entry.End > dataLength)
        {
            throw new SafetensorsException($"{offsets}, and the file has only {dataLength} bytes of data.");
        }

        var size = SizeOf(entry);
        if (entry.End - entry.Begin != size)
        {
            throw new SafetensorsException(
                $"{offsets}, which is {entry.End - entry.Begin} bytes; its dtype {entry.DType} and shape ask for {size}.");
        }
    }

    private static void CheckPlace(SafetensorsEntry entry, long reached)
    {
        if (entry.Begin < reached)
        {
            throw new SafetensorsException(
                $"{Subject(entry)} begins at byte {entry.Begin} of the data and overlaps the tensor before it, which ends at {reached}.");
        }

        if (entry.Begin > reached)
        {
            throw new SafetensorsException(
                $"{Subject(entry)} begins at byte {entry.Begin} of the data and leaves a hole: the tensor before it ends at {reached}.");
        }
    }
}

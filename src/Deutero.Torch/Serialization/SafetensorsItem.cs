namespace Deutero.Torch.Serialization;

/// <summary>One tensor of a safetensors file: its description and its bytes.</summary>
/// <param name="Entry">The name, the type and the shape. Its offsets say where a read tensor lay; writing assigns new ones.</param>
/// <param name="Data">The elements, little-endian and row-major.</param>
public sealed record SafetensorsItem(SafetensorsEntry Entry, byte[] Data)
{
    /// <summary>A tensor to be written.</summary>
    /// <param name="name">The tensor's name: any text but <c>__metadata__</c>.</param>
    /// <param name="dType">The type of the elements as the file names it, for example <c>F32</c>.</param>
    /// <param name="shape">The sizes of the axes, outermost first; empty for a scalar.</param>
    /// <param name="data">The elements, little-endian and row-major.</param>
    public SafetensorsItem(string name, string dType, IReadOnlyList<long> shape, byte[] data)
        : this(new SafetensorsEntry(name, dType, shape, 0, data.Length), data)
    {
    }
}

namespace Deutero.Torch.Serialization;

/// <summary>What a safetensors header says of one tensor.</summary>
/// <param name="Name">The tensor's name: any text but <c>__metadata__</c>.</param>
/// <param name="DType">
/// The type of the elements as written in the file: <c>F64</c>, <c>F32</c>, <c>F16</c>, <c>BF16</c>, <c>I64</c>, <c>I32</c>,
/// <c>I16</c>, <c>I8</c>, <c>U8</c> or <c>BOOL</c>.
/// </param>
/// <param name="Shape">The sizes of the axes, outermost first; empty for a scalar. A size may be 0.</param>
/// <param name="Begin">Where the tensor's bytes begin, counted from the end of the header.</param>
/// <param name="End">Where the tensor's bytes end (exclusive), counted from the end of the header.</param>
public sealed record SafetensorsEntry(string Name, string DType, IReadOnlyList<long> Shape, long Begin, long End);

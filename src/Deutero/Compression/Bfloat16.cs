using Deutero.Learners;
using Deutero.Torch;
using Deutero.Torch.Distributed;

namespace Deutero.Compression;

/// <summary>Sends bfloat16, half of the bytes: each process adds up one part of the vector in float32, and sends the sum round.</summary>
/// <remarks>Every element is rounded twice to 8 bits of mantissa, whatever the number of processes; nothing is added in bfloat16.</remarks>
[Paper("Kalamkar et al.: A Study of BFLOAT16 for Deep Learning Training", "arXiv 2019", "https://arxiv.org/abs/1905.12322")]
public sealed record Bfloat16 : IGradientCompression
{
    /// <inheritdoc/>
    public Parameters Init(Parameters theta) => Parameters.Empty;

    /// <inheritdoc/>
    public (Tensor Sum, Parameters State) Sum(ProcessGroup group, Tensor vector, Parameters state)
    {
        var padding = (group.Size - (vector.Count % group.Size)) % group.Size;
        var parts = vector.Pad([0, padding]).To(DType.BFloat16).Reshape([group.Size, -1]);
        var mine = group.AllToAll(parts).To(DType.Float32).Sum([0]); // [elements / size]
        var sum = group.AllGather(mine.To(DType.BFloat16)).To(vector.DType).Reshape([-1]);
        return (sum.Narrow(0, 0, vector.Count), state);
    }
}

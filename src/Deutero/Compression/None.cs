using Deutero.Torch;
using Deutero.Torch.Distributed;

namespace Deutero.Compression;

/// <summary>No compression: the exact sum, to rounding.</summary>
public sealed record None : IGradientCompression
{
    /// <inheritdoc/>
    public Parameters Init(Parameters theta) => Parameters.Empty;

    /// <inheritdoc/>
    public (Tensor Sum, Parameters State) Sum(ProcessGroup group, Tensor vector, Parameters state) => (group.AllReduce(vector), state);
}

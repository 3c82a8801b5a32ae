using Deutero.Compression;
using Deutero.Torch;
using Deutero.Torch.Distributed;

namespace Deutero.Training;

/// <summary>What one outer update goes by: of the episodes of one process, or of the whole meta-batch.</summary>
/// <param name="Direction">What the outer optimiser descends along.</param>
/// <param name="Loss">The mean query loss.</param>
/// <param name="Accuracy">The mean query accuracy; NaN in regression.</param>
/// <param name="Stop">Whether the run was asked to stop.</param>
/// <param name="Save">Whether a checkpoint is due.</param>
/// <param name="Residual">What the compression carries.</param>
internal sealed record OuterUpdate(Parameters Direction, double Loss, double Accuracy, bool Stop, bool Save, Parameters Residual)
{
    /// <summary>The update by the episodes of all processes; every process gets the same one.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="compression">How gradients are added up.</param>
    /// <param name="weight">This process's share of the episodes.</param>
    internal OuterUpdate Over(ProcessGroup group, IGradientCompression compression, double weight)
    {
        // A signal reaches the processes at different moments, and rank 0 alone knows when to save: they act on the sums.
        var sums = group.AllReduce(Tensor.From([weight * Loss, weight * Accuracy, Stop ? 1.0 : 0, Save ? 1.0 : 0])).ToArray<double>();
        var (direction, residual) = compression.Sum(group, (weight * Direction).Flatten(), Residual);
        return new(Direction.Unflatten(direction), sums[0], sums[1], sums[2] > 0, sums[3] > 0, residual);
    }
}

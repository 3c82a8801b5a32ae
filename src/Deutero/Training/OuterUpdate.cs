using Deutero.Compression;
using Deutero.Torch;
using Deutero.Torch.Distributed;

namespace Deutero.Training;

/// <summary>What one outer update goes by, as sums over episodes: those of one process, or of the whole meta-batch.</summary>
/// <param name="Direction">What the outer optimiser descends along, float64.</param>
/// <param name="Loss">The query losses.</param>
/// <param name="Accuracy">The query accuracies; NaN in regression.</param>
/// <param name="Stop">Whether the run was asked to stop.</param>
/// <param name="Save">Whether a checkpoint is due.</param>
/// <param name="Residual">What the compression carries.</param>
internal sealed record OuterUpdate(Parameters Direction, double Loss, double Accuracy, bool Stop, bool Save, Parameters Residual)
{
    /// <summary>The update by the episodes of all processes; every process gets the same one.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="compression">How gradients are added up.</param>
    internal OuterUpdate Over(ProcessGroup group, IGradientCompression compression)
    {
        // A signal reaches the processes at different moments, and rank 0 alone knows when to save: they act on the sums.
        var sums = group.AllReduce(Tensor.From([Loss, Accuracy, Stop ? 1.0 : 0, Save ? 1.0 : 0])).ToArray<double>();
        var (direction, residual) = compression.Sum(group, Direction.Flatten(), Residual);
        return new(Direction.Unflatten(direction), sums[0], sums[1], sums[2] > 0, sums[3] > 0, residual);
    }
}

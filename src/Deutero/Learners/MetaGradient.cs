using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>What the outer loop learns from one episode, or from the mean of a meta-batch.</summary>
/// <param name="Direction">What the outer optimiser descends along: for most learners the gradient of the query loss, of θ's structure.</param>
/// <param name="Loss">The query loss after adaptation, shape <c>[]</c>.</param>
/// <param name="Predictions">The predictions on the query set, shape <c>[N, ways]</c> or <c>[N, outputs]</c>.</param>
public sealed record MetaGradient(Parameters Direction, Tensor Loss, Tensor Predictions) : ITensors<MetaGradient>
{
    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Leaves => [.. Direction.Leaves, Loss, Predictions];

    /// <inheritdoc/>
    public MetaGradient WithLeaves(IReadOnlyList<Tensor> leaves) =>
        new(Direction.WithLeaves([.. leaves.Take(Direction.Count)]), leaves[^2], leaves[^1]);
}

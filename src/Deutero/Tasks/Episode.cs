using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>One task drawn from a distribution: a support set to adapt to, and a query set to be judged on.</summary>
/// <param name="Support">What the learner adapts to.</param>
/// <param name="Query">What the adapted predictor is judged on.</param>
/// <param name="Identity">A text that names exactly which items the episode holds; two episodes with the same text are the same.</param>
public sealed record Episode(Examples Support, Examples Query, string Identity) : ITensors<Episode>
{
    /// <summary>The number of classes; 0 for regression.</summary>
    public int Ways => Support.Ways;

    /// <summary>Which of several sources the episode was drawn from; empty where there is one.</summary>
    public string Source { get; init; } = "";

    /// <summary>Examples of all meta-training classes, under labels that mean the same in every episode, for learners that are trained on these, too; null for none.</summary>
    public Examples? Minibatch { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Leaves => [.. Support.Leaves, .. Query.Leaves, .. Minibatch?.Leaves ?? []];

    /// <inheritdoc/>
    public Episode WithLeaves(IReadOnlyList<Tensor> leaves)
    {
        var (ofSupport, ofQuery) = (Support.Leaves.Count, Query.Leaves.Count);
        return this with
        {
            Support = Support.WithLeaves([.. leaves.Take(ofSupport)]),
            Query = Query.WithLeaves([.. leaves.Skip(ofSupport).Take(ofQuery)]),
            Minibatch = Minibatch?.WithLeaves([.. leaves.Skip(ofSupport + ofQuery)]),
        };
    }

    /// <summary>Stacks episodes of equal shapes along a new first axis, for <see cref="Transforms.VMap{TIn, TOut}"/>.</summary>
    /// <param name="episodes">At least one episode.</param>
    /// <exception cref="ArgumentException">The episodes differ in shape.</exception>
    public static Episode Stack(IReadOnlyList<Episode> episodes)
    {
        var leaves = episodes.Select(episode => episode.Leaves).ToArray();
        for (var i = 1; i < leaves.Length; i++)
        {
            for (var leaf = 0; leaf < leaves[i].Count; leaf++)
            {
                if (!leaves[i][leaf].Shape.SequenceEqual(leaves[0][leaf].Shape))
                {
                    throw new ArgumentException(
                        $"Vectorised execution needs episodes of one shape but found [{string.Join(", ", leaves[0][leaf].Shape)}] and " +
                        $"[{string.Join(", ", leaves[i][leaf].Shape)}]; use Loop or Parallel.");
                }
            }
        }

        var stacked = Enumerable.Range(0, leaves[0].Count).Select(leaf => Tensor.Stack(leaves.Select(tensors => tensors[leaf]).ToArray()));
        return episodes[0].WithLeaves([.. stacked]) with { Identity = string.Join('\n', episodes.Select(episode => episode.Identity)) };
    }

    /// <summary>This episode in another element type.</summary>
    /// <param name="dtype">A floating-point type; labels stay Int64.</param>
    public Episode To(DType dtype) => WithLeaves([.. Leaves.Select(leaf => leaf.DType.IsFloatingPoint() ? leaf.To(dtype) : leaf)]);

    /// <summary>This episode on another device.</summary>
    /// <param name="device">The device.</param>
    public Episode To(Device device) => WithLeaves([.. Leaves.Select(leaf => leaf.To(device))]);
}

using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Tasks without labels whose classes are clusters: CACTUs (Hsu, Levine and Finn, ICLR 2019).</summary>
/// <remarks>
/// Unlabelled items are embedded by whatever was learned without labels, and k-means divides them into clusters, several times under another scaling of the
/// features. A task is drawn from one of the partitions, as few-shot classification is drawn from classes: N clusters and K + Q items of each.
/// Any learner of episodes trains on them.
/// </remarks>
public sealed class ClusteredItems : ITaskDistribution
{
    private readonly FewShotClassification[] _partitions;

    /// <summary>Creates the distribution.</summary>
    /// <param name="items">The items.</param>
    /// <param name="partitions">At least one partition: the cluster of each item.</param>
    /// <param name="ways">Clusters of a task, at least 2.</param>
    /// <param name="shots">Support items of each, at least 1.</param>
    /// <param name="queries">Query items of each, at least 1.</param>
    /// <exception cref="ArgumentException">There is no partition, or one has fewer clusters of so many items than a task needs.</exception>
    public ClusteredItems(UnlabelledItems items, IReadOnlyList<IReadOnlyList<int>> partitions, int ways, int shots, int queries)
    {
        if (partitions.Count == 0)
        {
            throw new ArgumentException("Tasks of clusters need at least one partition of the items.");
        }

        _partitions = [.. partitions.Select(partition => Tasks(new ClusterPool(items, partition, shots + queries), ways, shots, queries))];
    }

    /// <inheritdoc/>
    public string Name => $"{_partitions[0].Name} of {_partitions.Length} partitions";

    /// <summary>Divides items into clusters by k-means, once or several times.</summary>
    /// <param name="features">The items' features, shape <c>[N, D]</c>.</param>
    /// <param name="clusters">Clusters of a partition, 1 to N.</param>
    /// <param name="count">Partitions, at least 1. The first is of the features as they are; for each further one they are multiplied by factors uniform within 0 and 1.</param>
    /// <param name="random">The only source of randomness.</param>
    /// <returns>For each partition the cluster of each item.</returns>
    /// <exception cref="ArgumentException">There are fewer items than clusters.</exception>
    public static IReadOnlyList<IReadOnlyList<int>> Partitions(Tensor features, int clusters, int count, Generator random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var scope = new TensorScope();
        var partitions = new int[count][];
        for (var i = 0; i < count; i++)
        {
            using var own = random.Derive(i);
            partitions[i] = KMeans.Fit(i == 0 ? features : features * own.Uniform([features.Size(1)], dtype: features.DType), clusters, own).Assignment;
        }

        return partitions;
    }

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var partition = random.Next(_partitions.Length);
        var episode = _partitions[partition].Sample(random);
        return episode with { Identity = string.Concat(episode.Identity.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(part => $"partition{partition}/{part};")) };
    }

    private static FewShotClassification Tasks(ClusterPool pool, int ways, int shots, int queries) => pool.ClassCount >= ways
        ? new(pool, ways, shots, queries)
        : throw new ArgumentException(
            $"Tasks of {ways} clusters with {shots + queries} items each were asked for, but {pool.Name} has {pool.ClassCount} of that size: ask for fewer clusters, or smaller tasks.");
}

namespace Deutero.Tasks;

/// <summary>Clusters of unlabelled items in the place of classes.</summary>
public sealed class ClusterPool : IClassPool
{
    private readonly UnlabelledItems _items;
    private readonly int[][] _members;

    /// <summary>Makes a pool of a partition.</summary>
    /// <param name="items">The items.</param>
    /// <param name="partition">The cluster of each item, at least 0.</param>
    /// <param name="leastItems">Clusters of fewer items are left out.</param>
    /// <exception cref="ArgumentException">There are not as many clusters' numbers as items.</exception>
    public ClusterPool(UnlabelledItems items, IReadOnlyList<int> partition, int leastItems)
    {
        if (partition.Count != items.Count)
        {
            throw new ArgumentException($"A partition of {items.Count} items must say the cluster of each, but it says {partition.Count}.");
        }

        _items = items;
        _members = [.. Enumerable.Range(0, items.Count).GroupBy(item => partition[item]).OrderBy(cluster => cluster.Key).Select(cluster => cluster.ToArray()).Where(cluster => cluster.Length >= leastItems)];
    }

    /// <inheritdoc/>
    public string Name => $"{_items.Name}, clusters";

    /// <inheritdoc/>
    public IReadOnlyList<long> ItemShape => _items.ItemShape;

    /// <inheritdoc/>
    public int ClassCount => _members.Length;

    /// <inheritdoc/>
    public int ItemCount(int classIndex) => _members[classIndex].Length;

    /// <inheritdoc/>
    public string ClassName(int classIndex) => $"cluster{classIndex:D4}";

    /// <inheritdoc/>
    public void Write(int classIndex, int item, Span<float> destination) => _items.Write(_members[classIndex][item], destination);
}

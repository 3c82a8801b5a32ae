using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>One-shot tasks without labels: N random items are N classes, and augmentations of each are its queries.</summary>
/// <remarks>
/// The tasks of UMTRA (Khodadadeh, Bölöni and Shah, NeurIPS 2019): with many classes and few items drawn, those drawn are nearly always of different
/// classes. Any learner of episodes trains on them. With <see cref="AugmentsSupport"/>, one query and many ways they are the pairs of views of SimCLR (Chen,
/// Kornblith, Norouzi and Hinton, ICML 2020).
/// </remarks>
public sealed class AugmentedItems : ITaskDistribution
{
    private readonly UnlabelledItems _items;
    private readonly Augmentation _augmentation;
    private readonly int _ways;
    private readonly int _queries;

    /// <summary>Creates the distribution.</summary>
    /// <param name="items">The items.</param>
    /// <param name="ways">Items of a task, each a class of its own, at least 2.</param>
    /// <param name="queries">Augmentations of each, at least 1.</param>
    /// <param name="augmentation">How a query is made of an item.</param>
    /// <exception cref="ArgumentException">A task has fewer than two items or no queries, or there are fewer items than ways.</exception>
    public AugmentedItems(UnlabelledItems items, int ways, int queries, Augmentation augmentation)
    {
        if (ways < 2 || queries < 1 || ways > items.Count)
        {
            throw new ArgumentException(
                $"A task of augmented items needs 2 ways to as many as there are items, and at least 1 query, but {ways} ways of {items.Count} items and {queries} queries were asked for.");
        }

        (_items, _ways, _queries, _augmentation) = (items, ways, queries, augmentation);
    }

    /// <summary>Whether the support set is of augmentations, too, instead of the items themselves; default false.</summary>
    public bool AugmentsSupport { get; init; }

    /// <inheritdoc/>
    public string Name => $"{_items.Name}, {_ways}-way tasks of {(AugmentsSupport ? "two augmentations" : "items and their augmentations")}, {_queries}-query";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var chosen = random.Choose(_ways, _items.Count);
        var seed = random.NextUInt64();
        using var views = Generator.Seed(seed);
        return new(Examples(chosen, 1, AugmentsSupport, views), Examples(chosen, _queries, augment: true, views), $"items {string.Join(' ', chosen)} augmented from {seed}");
    }

    private Examples Examples(int[] chosen, int each, bool augment, Generator random)
    {
        var size = _items.ItemSize;
        var (item, values, labels) = (new float[size], new float[chosen.Length * each * size], new long[chosen.Length * each]);
        for (var row = 0; row < labels.Length; row++)
        {
            var destination = values.AsSpan(row * size, size);
            _items.Write(chosen[row / each], item);
            labels[row] = row / each;
            if (augment)
            {
                _augmentation.Apply(item, _items.ItemShape, destination, random);
            }
            else
            {
                item.CopyTo(destination);
            }
        }

        return new(Tensor.Share(values, [labels.Length, .. _items.ItemShape]), Tensor.Share(labels), _ways);
    }
}

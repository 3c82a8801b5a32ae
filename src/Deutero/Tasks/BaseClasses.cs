using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Minibatches of ordinary classification: items of all classes of a pool, each labelled with its class's place in the pool.</summary>
/// <remarks>A minibatch is an episode whose support and query set are the same examples. It is what a body is pre-trained on.</remarks>
public sealed class BaseClasses : ITaskDistribution
{
    private readonly IClassPool _pool;
    private readonly int _items;

    /// <summary>Creates the distribution.</summary>
    /// <param name="pool">The classes.</param>
    /// <param name="items">Items of a minibatch, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are to be fewer items than one.</exception>
    public BaseClasses(IClassPool pool, int items)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(items, 1);
        (_pool, _items) = (pool, items);
    }

    /// <inheritdoc/>
    public string Name => $"{_pool.Name}, all {_pool.ClassCount} classes, minibatches of {_items}";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var size = checked((int)_pool.ItemShape.Aggregate(1L, (product, side) => product * side));
        var (values, labels, chosen) = (new float[_items * size], new long[_items], new string[_items]);
        for (var row = 0; row < _items; row++)
        {
            var label = random.Next(_pool.ClassCount);
            var item = random.Next(_pool.ItemCount(label));
            _pool.Write(label, item, values.AsSpan(row * size, size));
            (labels[row], chosen[row]) = (label, $"{_pool.ClassName(label)}:{item}");
        }

        var examples = new Examples(Tensor.Share(values, [_items, .. _pool.ItemShape]), Tensor.Share(labels), _pool.ClassCount);
        return new(examples, examples, string.Join(';', chosen));
    }
}

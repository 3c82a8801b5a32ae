using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>The items of a pool in one row, without their classes: what unsupervised methods learn from.</summary>
/// <remarks>A pool's classes say here where an item is stored and nothing else: the same items under other classes give the same bits.</remarks>
public sealed class UnlabelledItems
{
    private readonly IClassPool _pool;
    private readonly int[] _ends; // how many items there are up to the end of each class

    /// <summary>Takes the classes off a pool.</summary>
    /// <param name="pool">The pool.</param>
    public UnlabelledItems(IClassPool pool)
    {
        (_pool, _ends) = (pool, new int[pool.ClassCount]);
        for (var classIndex = 0; classIndex < _ends.Length; classIndex++)
        {
            Count = _ends[classIndex] = checked(Count + pool.ItemCount(classIndex));
        }
    }

    /// <summary>What this is, for reports and messages, for example <c>omniglot/vinyals/train, unlabelled</c>.</summary>
    public string Name => $"{_pool.Name}, unlabelled";

    /// <summary>The shape of one item, without the batch axis.</summary>
    public IReadOnlyList<long> ItemShape => _pool.ItemShape;

    /// <summary>The number of items.</summary>
    public int Count { get; }

    internal int ItemSize => checked((int)ItemShape.Aggregate(1L, (product, side) => product * side));

    /// <summary>Writes one item as float32.</summary>
    /// <param name="item">The item, in <c>[0, Count)</c>.</param>
    /// <param name="destination">Exactly as many values as <see cref="ItemShape"/> has.</param>
    public void Write(int item, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(item);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(item, Count);
        var found = Array.BinarySearch(_ends, item + 1);
        var classIndex = found >= 0 ? found : ~found;
        while (_pool.ItemCount(classIndex) == 0)
        {
            classIndex++; // of classes that end at the same place, all but one are empty
        }

        _pool.Write(classIndex, item - _ends[classIndex] + _pool.ItemCount(classIndex), destination);
    }

    /// <summary>Features of all items.</summary>
    /// <param name="embed">From inputs <c>[M, ...item]</c> to features <c>[M, D]</c>.</param>
    /// <param name="random">
    /// Draws the order in which items share a batch, as statistics of a batch of neighbours would tell of what they have in common; null keeps them in order, for features that depend
    /// on nothing but the item.
    /// </param>
    /// <param name="batch">Items of a batch, at least 1.</param>
    /// <returns>Shape <c>[Count, D]</c>, in the order of the items.</returns>
    public Tensor Embed(Func<Tensor, Tensor> embed, Generator? random, int batch = 512)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var order = random?.Choose(Count, Count) ?? [.. Enumerable.Range(0, Count)];
        var places = new long[Count];
        var parts = new List<Tensor>();
        for (var start = 0; start < Count; start += batch)
        {
            using var scope = new TensorScope();
            var items = order[start..Math.Min(start + batch, Count)];
            parts.Add(scope.Keep(embed(Read(items)).Detach()));
            for (var row = 0; row < items.Length; row++)
            {
                places[items[row]] = start + row;
            }
        }

        return Tensor.Cat([.. parts]).IndexSelect(0, Tensor.From(places));
    }

    /// <summary>Some of the items.</summary>
    /// <param name="items">The items, each in <c>[0, Count)</c>.</param>
    /// <returns>Float32, shape <c>[items, ...item]</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public Tensor Read(ReadOnlySpan<int> items)
    {
        var (size, values) = (ItemSize, new float[items.Length * ItemSize]);
        for (var row = 0; row < items.Length; row++)
        {
            Write(items[row], values.AsSpan(row * size, size));
        }

        return Tensor.Share(values, [items.Length, .. ItemShape]);
    }
}

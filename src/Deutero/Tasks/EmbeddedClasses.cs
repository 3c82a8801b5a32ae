using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>A pool whose items are the features that a trained body makes of another pool's, each computed once, when the first item is asked for.</summary>
/// <remarks>
/// A learner of what stands behind the body then trains without computing the body again, which stays as it is. An item's features must depend on nothing but the
/// item, so a body with BatchNorm needs statistics of its own: <see cref="Models.IModel.WithStatistics"/>.
/// </remarks>
public sealed class EmbeddedClasses : IClassPool
{
    private readonly IClassPool _pool;
    private readonly int _width;
    private readonly int[] _starts; // the row of each class's first item
    private readonly Lazy<float[]> _features;

    /// <summary>Creates the pool; nothing is computed yet.</summary>
    /// <param name="pool">The items as they are.</param>
    /// <param name="width">The number of features D of an item, at least 1.</param>
    /// <param name="embed">From items <c>[M, ...item]</c> to their features <c>[M, D]</c>; called by one thread at a time.</param>
    /// <param name="batch">Items that are embedded together, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are to be no features, or no items in a batch.</exception>
    public EmbeddedClasses(IClassPool pool, int width, Func<Tensor, Tensor> embed, int batch = 512)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        (_pool, _width, _starts) = (pool, width, new int[pool.ClassCount]);
        for (var classIndex = 1; classIndex < _starts.Length; classIndex++)
        {
            _starts[classIndex] = checked(_starts[classIndex - 1] + pool.ItemCount(classIndex - 1));
        }

        _features = new(() => Embedded(new(pool), width, embed, batch));
    }

    /// <inheritdoc/>
    public string Name => $"{_pool.Name}, embedded";

    /// <inheritdoc/>
    public IReadOnlyList<long> ItemShape => [_width];

    /// <inheritdoc/>
    public int ClassCount => _pool.ClassCount;

    /// <inheritdoc/>
    public int ItemCount(int classIndex) => _pool.ItemCount(classIndex);

    /// <inheritdoc/>
    public string ClassName(int classIndex) => _pool.ClassName(classIndex);

    /// <inheritdoc/>
    public string Group(int classIndex) => _pool.Group(classIndex);

    /// <inheritdoc/>
    public IReadOnlyList<float> Attributes(int classIndex) => _pool.Attributes(classIndex);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item, or the destination has another length than its features.</exception>
    /// <exception cref="ArgumentException">The embedding gives features of another width.</exception>
    public void Write(int classIndex, int item, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, _width);
        ArgumentOutOfRangeException.ThrowIfNegative(item);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(item, ItemCount(classIndex));
        _features.Value.AsSpan((_starts[classIndex] + item) * _width, _width).CopyTo(destination);
    }

    private static float[] Embedded(UnlabelledItems items, int width, Func<Tensor, Tensor> embed, int batch)
    {
        using var scope = new TensorScope();
        var features = items.Embed(embed, random: null, batch); // [Count, D]
        return features.Rank == 2 && features.Size(1) == width
            ? features.ToArray<float>()
            : throw new ArgumentException($"Features of {items.Count} items must have shape [{items.Count}, {width}] but have [{string.Join(", ", features.Shape)}].");
    }
}

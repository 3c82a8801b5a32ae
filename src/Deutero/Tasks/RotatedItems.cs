using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Minibatches of unlabelled images in all four quarter turns, each labelled with its turn: to tell them apart, a body must know what is shown.</summary>
/// <remarks>
/// The pretext task of Gidaris, Singh and Komodakis (ICLR 2018): a classifier of these four classes is a pre-trained body. A minibatch is an episode whose support
/// and query set are the same examples. The pool must not hold turned copies of its own images, as nothing tells these turns from those.
/// </remarks>
public sealed class RotatedItems : ITaskDistribution
{
    /// <summary>The classes: no turn, one, two and three, counter-clockwise.</summary>
    public const int Turns = 4;

    private readonly UnlabelledItems _items;
    private readonly int _count;

    /// <summary>Creates the distribution.</summary>
    /// <param name="items">Square images <c>[C, S, S]</c>.</param>
    /// <param name="count">Images of a minibatch before they are turned, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are to be fewer images than one.</exception>
    /// <exception cref="ArgumentException">The items are no square images.</exception>
    public RotatedItems(UnlabelledItems items, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (items.ItemShape is not [_, var height, var width] || height != width)
        {
            throw new ArgumentException($"Quarter turns need square images [channels, side, side] but the items of {items.Name} have shape [{string.Join(", ", items.ItemShape)}].");
        }

        (_items, _count) = (items, count);
    }

    /// <inheritdoc/>
    public string Name => $"{_items.Name}, minibatches of {_count} in four turns";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var chosen = Enumerable.Range(0, _count).Select(_ => random.Next(_items.Count)).ToArray();
        var images = _items.Read(chosen); // [count, C, S, S]
        var turned = Tensor.Cat([.. Enumerable.Range(0, Turns).Select(turns => images.Rot90(turns, [2, 3]))]);
        var labels = Enumerable.Range(0, Turns * _count).Select(row => (long)(row / _count)).ToArray();
        var examples = new Examples(turned, Tensor.Share(labels), Turns);
        return new(examples, examples, $"items {string.Join(' ', chosen)} in four turns");
    }
}

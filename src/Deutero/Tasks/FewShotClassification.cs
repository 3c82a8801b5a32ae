using System.Text;
using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>N-way K-shot classification episodes from a pool of classes.</summary>
/// <remarks>
/// Classes are drawn without replacement and labelled 0 to N-1 in random order; each class's items are drawn without replacement, the first K for
/// the support set and the rest for the query set, so the two never share an item. Examples are in class-major order.
/// </remarks>
public sealed class FewShotClassification : ITaskDistribution
{
    private readonly IClassPool _pool;

    /// <summary>Creates the distribution.</summary>
    /// <param name="pool">The classes.</param>
    /// <param name="ways">Classes per episode, at least 2.</param>
    /// <param name="shots">Support examples per class, at least 1.</param>
    /// <param name="queries">Query examples per class, at least 1.</param>
    /// <exception cref="ArgumentException">The pool has too few classes, or a class too few items; the message says how many.</exception>
    public FewShotClassification(IClassPool pool, int ways, int shots, int queries)
    {
        if (ways < 2 || shots < 1 || queries < 1)
        {
            throw new ArgumentException($"An episode needs at least 2 ways, 1 shot and 1 query but {ways}, {shots} and {queries} were asked for.");
        }

        if (pool.ClassCount < ways)
        {
            throw new ArgumentException($"{ways}-way episodes were asked for but {pool.Name} has {pool.ClassCount} classes.");
        }

        for (var classIndex = 0; classIndex < pool.ClassCount; classIndex++)
        {
            if (pool.ItemCount(classIndex) < shots + queries)
            {
                throw new ArgumentException(
                    $"{shots} support and {queries} query examples per class were asked for but class '{pool.ClassName(classIndex)}' of {pool.Name} " +
                    $"has {pool.ItemCount(classIndex)} items.");
            }
        }

        (_pool, Ways, Shots, Queries) = (pool, ways, shots, queries);
    }

    /// <summary>Classes per episode.</summary>
    public int Ways { get; }

    /// <summary>Support examples per class.</summary>
    public int Shots { get; }

    /// <summary>Query examples per class.</summary>
    public int Queries { get; }

    /// <summary>The shape of one input.</summary>
    public IReadOnlyList<long> ItemShape => _pool.ItemShape;

    /// <inheritdoc/>
    public string Name => $"{_pool.Name} {Ways}-way {Shots}-shot {Queries}-query";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var classes = random.Choose(Ways, _pool.ClassCount);
        var items = classes.Select(chosen => random.Choose(Shots + Queries, _pool.ItemCount(chosen))).ToArray();
        return new(
            Gather(classes, items, 0, Shots),
            Gather(classes, items, Shots, Queries),
            Identify(classes, items));
    }

    private Examples Gather(int[] classes, int[][] items, int from, int count)
    {
        var size = checked((int)_pool.ItemShape.Aggregate(1L, (product, side) => product * side));
        var values = new float[Ways * count * size];
        var labels = new long[Ways * count];
        for (var way = 0; way < Ways; way++)
        {
            for (var i = 0; i < count; i++)
            {
                var row = (way * count) + i;
                _pool.Write(classes[way], items[way][from + i], values.AsSpan(row * size, size));
                labels[row] = way;
            }
        }

        return new(Tensor.Share(values, [labels.Length, .. _pool.ItemShape]), Tensor.Share(labels), Ways);
    }

    // "Greek/character03/rot090:4|7,1,12;..." : class, support items, query items.
    private string Identify(int[] classes, int[][] items)
    {
        var text = new StringBuilder();
        for (var way = 0; way < Ways; way++)
        {
            text.Append(_pool.ClassName(classes[way])).Append(':').AppendJoin(',', items[way][..Shots])
                .Append('|').AppendJoin(',', items[way][Shots..]).Append(';');
        }

        return text.ToString();
    }
}

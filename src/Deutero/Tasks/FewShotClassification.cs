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
    private readonly int[][]? _groups;

    /// <summary>Creates the distribution.</summary>
    /// <param name="pool">The classes.</param>
    /// <param name="ways">Classes per episode, at least 2.</param>
    /// <param name="shots">Support examples per class, at least 1; 0 for zero-shot episodes, whose support sets are what the pool knows of the classes (<see cref="IClassPool.Attributes"/>).</param>
    /// <param name="queries">Query examples per class, at least 1.</param>
    /// <param name="withinGroups">Whether all classes of an episode are of one group, such as an alphabet, each group with enough classes being as likely.</param>
    /// <exception cref="ArgumentException">The pool has too few classes, or no group with as many, or a class too few items; the message says how many.</exception>
    public FewShotClassification(IClassPool pool, int ways, int shots, int queries, bool withinGroups = false)
    {
        if (ways < 2 || shots < 0 || queries < 1)
        {
            throw new ArgumentException($"An episode needs at least 2 ways, 0 shots and 1 query but {ways}, {shots} and {queries} were asked for.");
        }

        if (pool.ClassCount < ways)
        {
            throw new ArgumentException($"{ways}-way episodes were asked for but {pool.Name} has {pool.ClassCount} classes.");
        }

        if (shots == 0 && pool.Attributes(0).Count == 0)
        {
            throw new ArgumentException($"An episode of 0 shots needs something else that is known of its classes, but those of {pool.Name} have no attributes.");
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
        _groups = withinGroups ? ClassGroups.Of(pool, ways) : null;
    }

    /// <summary>Classes per episode.</summary>
    public int Ways { get; }

    /// <summary>Support examples per class; 0 where the support set is the classes' attributes.</summary>
    public int Shots { get; }

    /// <summary>Query examples per class.</summary>
    public int Queries { get; }

    /// <summary>The shape of one input.</summary>
    public IReadOnlyList<long> ItemShape => _pool.ItemShape;

    /// <inheritdoc/>
    public string Name => $"{_pool.Name} {Ways}-way {Shots}-shot {Queries}-query{(_groups is null ? "" : " within groups")}";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var classes = _groups is null ? random.Choose(Ways, _pool.ClassCount) : WithinGroup(_groups[random.Next(_groups.Length)], random);
        var items = classes.Select(chosen => random.Choose(Shots + Queries, _pool.ItemCount(chosen))).ToArray();
        return ClassEpisode.Of(_pool, classes, items, [.. classes.Select(_ => Shots)]);
    }

    private int[] WithinGroup(int[] group, Generator random) => Array.ConvertAll(random.Choose(Ways, group.Length), place => group[place]);
}

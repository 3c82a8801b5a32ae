using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Classification episodes by the rules of Meta-Dataset (Triantafillou et al., ICLR 2020): ways and shots vary, and classes have different shots.</summary>
/// <remarks>
/// <para>
/// Ways: uniform between 5 and 50, or as many classes as there are. Where classes have groups (Omniglot's alphabets), a group is drawn first and the ways among its
/// classes; a group of fewer than 5 classes is never drawn.
/// </para>
/// <para>Queries: the same number q for each class, half of the smallest class of the episode, rounded down, and at most 10.</para>
/// <para>
/// Size of the support set: one β ~ U[0, 1) for the episode; each class contributes ⌊β · min(100, items − q)⌋ + 1; the sum, and at most 500.
/// </para>
/// <para>
/// Shots: each class has one; what is left of the support set's size is divided in proportion to items · exp(a), a ~ U[ln ½, ln 2) for each class, rounded
/// down; no class gives more than it has beside its queries. The 100 above bound what a class contributes to the size, not its shots.
/// </para>
/// </remarks>
public sealed class MetaDatasetEpisodes : ITaskDistribution
{
    /// <summary>The fewest classes of an episode.</summary>
    public const int MinimumWays = 5;

    /// <summary>The most classes of an episode.</summary>
    public const int MaximumWays = 50;

    private const int MaximumQueries = 10;
    private const int MaximumSupport = 500;
    private const int MaximumContribution = 100;

    private readonly IClassPool _pool;
    private readonly int[][] _groups;

    /// <summary>Creates the distribution.</summary>
    /// <param name="pool">The classes, of different numbers of items or the same.</param>
    /// <exception cref="ArgumentException">There are fewer than five classes, or in no group as many, or a class has fewer than two items.</exception>
    public MetaDatasetEpisodes(IClassPool pool)
    {
        if (pool.ClassCount < MinimumWays)
        {
            throw new ArgumentException($"Episodes by Meta-Dataset's rules have at least {MinimumWays} ways but {pool.Name} has {pool.ClassCount} classes.");
        }

        if (Enumerable.Range(0, pool.ClassCount).FirstOrDefault(classIndex => pool.ItemCount(classIndex) < 2, -1) is >= 0 and var small)
        {
            throw new ArgumentException($"An episode takes at least 2 items of a class but class '{pool.ClassName(small)}' of {pool.Name} has {pool.ItemCount(small)}.");
        }

        _pool = pool;
        _groups = ClassGroups.Has(pool) ? ClassGroups.Of(pool, MinimumWays) : [[.. Enumerable.Range(0, pool.ClassCount)]];
    }

    /// <inheritdoc/>
    public string Name => $"{_pool.Name}, Meta-Dataset's rules";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var group = _groups[random.Next(_groups.Length)];
        var ways = MinimumWays + random.Next(Math.Min(MaximumWays, group.Length) - MinimumWays + 1);
        var classes = Array.ConvertAll(random.Choose(ways, group.Length), place => group[place]);
        var sizes = Array.ConvertAll(classes, _pool.ItemCount);
        var queries = QueriesOf(sizes);
        var support = SupportOf(sizes, queries, random.NextDouble());
        var shots = ShotsOf(sizes, queries, support, Array.ConvertAll(classes, _ => Math.Log(0.5) + (random.NextDouble() * Math.Log(4))));
        var items = classes.Select((chosen, way) => random.Choose(shots[way] + queries, sizes[way])).ToArray();
        return ClassEpisode.Of(_pool, classes, items, shots);
    }

    /// <summary>Queries per class.</summary>
    internal static int QueriesOf(int[] sizes) => Math.Min(MaximumQueries, sizes.Min() / 2);

    /// <summary>The size that the support set is to have; rounding shots down makes it somewhat smaller.</summary>
    internal static int SupportOf(int[] sizes, int queries, double beta) =>
        Math.Min(MaximumSupport, sizes.Sum(size => (int)Math.Floor(beta * Math.Min(MaximumContribution, size - queries)) + 1));

    /// <summary>The shots of each class; <paramref name="logWeights"/> are the a of the rules.</summary>
    internal static int[] ShotsOf(int[] sizes, int queries, int support, double[] logWeights)
    {
        double[] weights = [.. sizes.Zip(logWeights, (size, logWeight) => size * Math.Exp(logWeight))];
        var sum = weights.Sum();
        return [.. sizes.Zip(weights, (size, weight) => Math.Min((int)Math.Floor(weight / sum * (support - sizes.Length)) + 1, size - queries))];
    }
}

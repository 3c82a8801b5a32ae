namespace Deutero.Tasks;

/// <summary>The groups of a pool's classes, such as alphabets, that are large enough to draw an episode's classes from.</summary>
internal static class ClassGroups
{
    internal static bool Has(IClassPool pool) => Enumerable.Range(0, pool.ClassCount).Any(classIndex => pool.Group(classIndex).Length > 0);

    /// <summary>The classes of each group that has at least so many.</summary>
    /// <exception cref="ArgumentException">There are no groups, or none is that large; the message says which.</exception>
    internal static int[][] Of(IClassPool pool, int ways)
    {
        var groups = Enumerable.Range(0, pool.ClassCount).GroupBy(pool.Group).Where(group => group.Key.Length > 0).Select(group => group.ToArray()).ToArray();
        if (groups.Length == 0)
        {
            throw new ArgumentException($"Episodes with classes of one group were asked for but {pool.Name} has no groups, such as alphabets.");
        }

        var largest = groups.Max(group => group.Length);
        return largest >= ways
            ? [.. groups.Where(group => group.Length >= ways)]
            : throw new ArgumentException($"{ways}-way episodes with classes of one group were asked for but the largest group of {pool.Name} has {largest} classes.");
    }
}

using Deutero.Tasks;

namespace Deutero.Evaluation;

/// <summary>Refuses episodes whose scores would mean nothing.</summary>
public static class EpisodeGuard
{
    /// <summary>Checks that the support set has every class and, where the identity names items, that none of them is in both the support and the query set.</summary>
    /// <param name="episode">The episode.</param>
    /// <exception cref="ArgumentException">A class has no support example, or an item occurs twice; the message names it.</exception>
    public static void Check(Episode episode)
    {
        episode.Support.RequireEveryClass();
        foreach (var entry in episode.Identity.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var (colon, bar) = (entry.LastIndexOf(':'), entry.LastIndexOf('|'));
            if (colon < 0 || bar < colon)
            {
                continue; // an identity that names no items, such as a sinusoid's amplitude and phase
            }

            var support = entry[(colon + 1)..bar].Split(',').ToHashSet();
            var shared = entry[(bar + 1)..].Split(',').FirstOrDefault(support.Contains);
            if (shared is not null)
            {
                throw new ArgumentException($"Item {shared} of class '{entry[..colon]}' is in both the support and the query set of an episode.");
            }
        }
    }

    /// <summary>Refuses splits that share a class.</summary>
    /// <param name="splits">Two splits or more.</param>
    /// <exception cref="ArgumentException">A class occurs in two of them; the message names it.</exception>
    public static void RefuseClassOverlap(params ReadOnlySpan<IClassPool> splits)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var split in splits)
        {
            foreach (var name in Enumerable.Range(0, split.ClassCount).Select(split.ClassName))
            {
                if (!seen.TryAdd(name, split.Name) && seen[name] != split.Name)
                {
                    throw new ArgumentException(
                        $"Class '{name}' is in both {seen[name]} and {split.Name}: a learner must be judged on classes that it has never seen.");
                }
            }
        }
    }
}

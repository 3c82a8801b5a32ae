using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>Refuses splits that share classes: a figure on classes seen in training is not a few-shot figure.</summary>
public static class SplitGuard
{
    private const int NamesShown = 5;

    /// <summary>Checks that no class name is in two of the three pools.</summary>
    /// <param name="train">The meta-training pool.</param>
    /// <param name="validation">The meta-validation pool.</param>
    /// <param name="test">The meta-test pool.</param>
    /// <exception cref="DataFormatException">Two pools share a class; the message names the first few.</exception>
    public static void RefuseOverlap(IClassPool train, IClassPool validation, IClassPool test)
    {
        RefuseOverlap(train, validation);
        RefuseOverlap(train, test);
        RefuseOverlap(validation, test);
    }

    private static void RefuseOverlap(IClassPool first, IClassPool second)
    {
        var shared = Names(first).Intersect(Names(second), StringComparer.Ordinal).ToArray();
        if (shared.Length > 0)
        {
            var rest = shared.Length > NamesShown ? $" and {shared.Length - NamesShown} more" : "";
            throw new DataFormatException(
                $"{first.Name} and {second.Name} must not share classes, and share {string.Join(", ", shared.Take(NamesShown))}{rest}.");
        }
    }

    private static IEnumerable<string> Names(IClassPool pool) => Enumerable.Range(0, pool.ClassCount).Select(pool.ClassName);
}

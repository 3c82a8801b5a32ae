namespace Deutero.Cli.Reports;

/// <summary>Thins long lines so that a page stays small, without losing a peak.</summary>
internal static class Downsampling
{
    /// <summary>About as many buckets as a chart has pixels: more cannot be told apart.</summary>
    public const int Buckets = 500;

    /// <summary>
    /// Runs of points to join: in each of <see cref="Buckets"/> equal parts of the series, the first, least, greatest and last.
    /// </summary>
    /// <param name="count">The number of points.</param>
    /// <param name="y">A point's value.</param>
    /// <param name="holds">Whether a point can be drawn; one that cannot ends a run.</param>
    /// <returns>Indices in ascending order, in runs; a run has at least one.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Runs(int count, Func<int, double> y, Func<int, bool> holds)
    {
        var width = Math.Max(1, (count + Buckets - 1) / Buckets);
        var runs = new List<IReadOnlyList<int>>();
        var run = new List<int>();
        for (var start = 0; start < count; start += width)
        {
            var end = Math.Min(start + width, count);
            foreach (var index in Kept(start, end, y, holds))
            {
                if (run.Count > 0 && HasGap(run[^1] + 1, index, holds))
                {
                    runs.Add(run);
                    run = [];
                }

                run.Add(index);
            }
        }

        if (run.Count > 0)
        {
            runs.Add(run);
        }

        return runs;
    }

    private static SortedSet<int> Kept(int start, int end, Func<int, double> y, Func<int, bool> holds)
    {
        var (first, least, most, last) = (-1, -1, -1, -1);
        for (var i = start; i < end; i++)
        {
            if (!holds(i))
            {
                continue;
            }

            first = first < 0 ? i : first;
            least = least < 0 || y(i) < y(least) ? i : least;
            most = most < 0 || y(i) > y(most) ? i : most;
            last = i;
        }

        return first < 0 ? [] : [first, least, most, last];
    }

    private static bool HasGap(int from, int to, Func<int, bool> holds)
    {
        for (var i = from; i < to; i++)
        {
            if (!holds(i))
            {
                return true;
            }
        }

        return false;
    }
}

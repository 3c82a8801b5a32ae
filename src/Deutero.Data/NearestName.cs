namespace Deutero.Data;

/// <summary>Words the refusal of an unknown name with the nearest known one.</summary>
internal static class NearestName
{
    /// <summary>One sentence: what is unknown, the nearest name if it is near, and all names.</summary>
    internal static string Unknown(string kind, string name, IReadOnlyList<string> known)
    {
        var nearest = known.MinBy(candidate => Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant()))!;
        var isNear = Distance(name.ToUpperInvariant(), nearest.ToUpperInvariant()) <= Math.Max(2, nearest.Length / 3);
        return $"There is no {kind} '{name}'{(isNear ? $" (did you mean '{nearest}'?)" : "")}: the names are {string.Join(", ", known)}.";
    }

    /// <summary>The Levenshtein distance: how many characters to insert, delete or replace.</summary>
    private static int Distance(string from, string to)
    {
        // A pasted page is no near miss: the table must not grow with it.
        if (from.Length > 100)
        {
            return from.Length;
        }

        var previous = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var current = new int[to.Length + 1];
            current[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, 1 + Math.Min(previous[j], current[j - 1]));
            }

            previous = current;
        }

        return previous[^1];
    }
}

using System.Text;
using System.Text.Json;

namespace Deutero.Cli.Configuration;

/// <summary>How names of types, enum members and properties are written in a configuration, and which one a misspelt one meant.</summary>
internal static class Spelling
{
    private const int LongestCompared = 64;
    private const int LongestShown = 60;
    private const int ShortList = 16;

    /// <summary>The key of a property: <c>InnerRate</c> is <c>innerRate</c>.</summary>
    public static string Key(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);

    /// <summary>The name of a type or an enum member: <c>ImplicitMaml</c> is <c>implicit-maml</c>.</summary>
    /// <remarks>The field writes its nets as one word, so <c>ProtoNet</c> is <c>protonet</c> and <c>ResNet12</c> is <c>resnet12</c>.</remarks>
    public static string Name(string pascal)
    {
        var name = new StringBuilder(pascal.Length + 4);
        for (var i = 0; i < pascal.Length; i++)
        {
            if (i > 0 && StartsWord(pascal, i) && !IsNet(pascal.AsSpan(i)))
            {
                name.Append('-');
            }

            name.Append(char.ToLowerInvariant(pascal[i]));
        }

        return name.ToString();
    }

    /// <summary>What two spellings of one name have in common: letters and digits, in lower case.</summary>
    public static string Folded(string name) => name.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>A text as a message shows it: no control characters, and not longer than a line can bear.</summary>
    public static string Shortened(string text) =>
        text.Length > LongestShown ? Printable(text[..LongestShown]) + "..." : Printable(text);

    /// <summary>A text without what a terminal would obey, or could not show.</summary>
    public static string Printable(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => Rune.IsControl(rune) ? Rune.ReplacementChar : rune));

    /// <summary>The tail of a refusal: the name that was probably meant, and all valid ones where they are few.</summary>
    public static string Suggestion(string found, IReadOnlyList<string> valid)
    {
        if (valid.Count == 0)
        {
            return "there are none";
        }

        var nearest = Nearest(found, valid);
        var list = $"valid: {string.Join(", ", valid)}";
        return (nearest, valid.Count <= ShortList) switch
        {
            (null, _) => list,
            (_, true) => $"did you mean {nearest}? ({list})",
            _ => $"did you mean {nearest}?",
        };
    }

    /// <summary>The valid name with the fewest edits to the one found, or null where none is near.</summary>
    public static string? Nearest(string found, IEnumerable<string> valid)
    {
        if (found.Length > LongestCompared)
        {
            return null;
        }

        var folded = Folded(found);
        var (name, edits) = valid.Select(name => (name, Edits(folded, Folded(name)))).MinBy(candidate => candidate.Item2);
        return name is not null && edits <= Math.Max(2, Math.Max(found.Length, name.Length) / 2) ? name : null;
    }

    /// <summary>The optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.</summary>
    public static int Edits(string from, string to)
    {
        var edits = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                edits[i, j] = i == 0 || j == 0 ? i + j : Cheapest(edits, from, to, i, j);
            }
        }

        return edits[from.Length, to.Length];
    }

    private static int Cheapest(int[,] edits, string from, string to, int i, int j)
    {
        var substituted = edits[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
        var cheapest = Math.Min(substituted, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
        var swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
        return swapped ? Math.Min(cheapest, edits[i - 2, j - 2] + 1) : cheapest;
    }

    private static bool StartsWord(string pascal, int i) =>
        char.IsUpper(pascal[i]) && (!char.IsUpper(pascal[i - 1]) || (i + 1 < pascal.Length && char.IsLower(pascal[i + 1])));

    private static bool IsNet(ReadOnlySpan<char> rest) =>
        rest.StartsWith("Net") && (rest.Length == 3 || !char.IsLower(rest[3]));
}

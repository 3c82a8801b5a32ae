using System.Globalization;
using System.IO.Enumeration;

namespace Deutero.Tools.Glyphs;

/// <summary>One line of <c>scripts.tsv</c>: a script, its split, which characters and which fonts.</summary>
/// <param name="Script">The script's Unicode name.</param>
/// <param name="Split"><c>train</c>, <c>validation</c> or <c>test</c>.</param>
/// <param name="Limit">At most this many characters are taken.</param>
/// <param name="CodePoints">The code points to choose from.</param>
/// <param name="FontPatterns">Names of font files without ending; <c>*</c> stands for anything.</param>
internal sealed record ScriptRow(string Script, string Split, int Limit, int[] CodePoints, string[] FontPatterns)
{
    /// <summary>Reads the table.</summary>
    public static ScriptRow[] ReadAll(string path) =>
        [.. File.ReadLines(path).Skip(1).Select(line => Parse(line.Split('\t')))];

    /// <summary>Whether a font file's name fits a pattern. The UI faces of Noto have the same outlines as the others and never fit.</summary>
    public static bool Matches(string pattern, string fontName) =>
        !fontName.Contains("UI-", StringComparison.Ordinal)
        && FileSystemName.MatchesSimpleExpression(pattern, fontName, ignoreCase: false);

    private static ScriptRow Parse(string[] cells) =>
        new(cells[0], cells[1], int.Parse(cells[2]), [.. cells[3].Split(',').SelectMany(Range)], cells[4].Split(' '));

    private static IEnumerable<int> Range(string text)
    {
        var ends = text.Split('-').Select(end => int.Parse(end, NumberStyles.HexNumber)).ToArray();
        return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
    }
}

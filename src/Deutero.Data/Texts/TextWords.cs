namespace Deutero.Data;

/// <summary>Splits texts into words, in lower case: runs of letters and digits, with an apostrophe inside.</summary>
internal static class TextWords
{
    internal static List<string> Of(string text)
    {
        var words = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || IsInnerApostrophe(text, start, end)))
            {
                end++;
            }

            if (end > start)
            {
                words.Add(text[start..end].ToLowerInvariant().Replace('’', '\''));
            }

            start = end + 1;
        }

        return words;
    }

    private static bool IsInnerApostrophe(string text, int start, int place) =>
        text[place] is '\'' or '’' && place > start && place + 1 < text.Length && char.IsLetter(text[place + 1]);
}

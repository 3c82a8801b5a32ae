using System.Globalization;

namespace Deutero.Data;

/// <summary>One line of the index: a character, which is a class.</summary>
/// <param name="Split"><c>train</c>, <c>validation</c> or <c>test</c>.</param>
/// <param name="Script">The script, for example <c>Old Permic</c>.</param>
/// <param name="CodePoint">The code point, for example <c>U+10350</c>.</param>
/// <param name="Turns">How many quarter turns of the character look different: 4, 2 or 1.</param>
/// <param name="Name">The character's Unicode name.</param>
internal sealed record GlyphRow(string Split, string Script, string CodePoint, int Turns, string Name)
{
    /// <summary>All characters, in the order of the images of their splits.</summary>
    public static IEnumerable<GlyphRow> ReadAll()
    {
        using var reader = new StreamReader(GlyphResources.Open("glyphs-index.tsv"));
        reader.ReadLine(); // the header
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split('\t');
            yield return new GlyphRow(cells[1], cells[2], cells[3], int.Parse(cells[4], CultureInfo.InvariantCulture), cells[5]);
        }
    }
}

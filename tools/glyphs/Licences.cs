namespace Deutero.Tools.Glyphs;

/// <summary>Which licence a font is under, from its own name table: only fonts that say so are used.</summary>
internal static class Licences
{
    private const int Copyright = 0;
    private const int Licence = 13;

    /// <summary>The SPDX name of the font's licence; an exception for any font that is not under one of the two that are shipped.</summary>
    public static string Of(FontFile font)
    {
        var text = $"{font.NameEntry(Copyright)} {font.NameEntry(Licence)}";
        return text.Contains("Open Font Licen", StringComparison.OrdinalIgnoreCase) ? "OFL-1.1"
            : text.Contains("Bitstream Vera", StringComparison.Ordinal) ? "Bitstream-Vera"
            : throw new InvalidDataException(
                $"{font.Path}: its name table names neither the SIL Open Font License nor the Bitstream Vera licence but '{text}'.");
    }

    /// <summary>The copyright line without the text of the licence that some fonts append.</summary>
    public static string CopyrightOf(FontFile font)
    {
        var text = font.NameEntry(Copyright);
        foreach (var end in new[] { "This Font Software is licensed", "Bitstream Vera Fonts Copyright ---" })
        {
            var at = text.IndexOf(end, StringComparison.Ordinal);
            text = at > 0 ? text[..at].TrimEnd() : text;
        }

        return text;
    }
}

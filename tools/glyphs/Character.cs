namespace Deutero.Tools.Glyphs;

/// <summary>A character that was chosen: one class of the data set.</summary>
/// <param name="Row">The script that it belongs to.</param>
/// <param name="CodePoint">Its code point.</param>
/// <param name="Name">Its Unicode name.</param>
/// <param name="Turns">How many quarter turns of it look different (1, 2 or 4).</param>
/// <param name="Fonts">Every font of the script that has the character.</param>
internal sealed record Character(ScriptRow Row, int CodePoint, string Name, int Turns, FontFile[] Fonts)
{
    /// <summary>Draws the renderings, and says which font each is from.</summary>
    public (byte[][] Images, FontFile[] FontOf) Render(ulong seed, int count)
    {
        var random = new SplitMix64(SplitMix64.Derive(seed, CodePoint));
        var fonts = Spread(random, count);
        return ([.. fonts.Select(font => new Style(random).Draw(Outline(font)))], fonts);
    }

    private SignedDistance Outline(FontFile font) =>
        SignedDistance.Of(font.Rasterise(font.FindGlyph(CodePoint), Style.Canvas, Style.Extent), Style.Canvas);

    /// <summary>Families take turns; within a family every face is used once before one is used twice.</summary>
    private FontFile[] Spread(SplitMix64 random, int count)
    {
        var families = random.Shuffle(Fonts.GroupBy(font => font.Family).Select(family => random.Shuffle(family)));
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var family = families[i % families.Length];
            return family[i / families.Length % family.Length];
        })];
    }
}

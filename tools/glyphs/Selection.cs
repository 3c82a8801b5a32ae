namespace Deutero.Tools.Glyphs;

/// <summary>Chooses the characters: those that have a font, are letters or digits, and look like no other.</summary>
internal sealed class Selection(string fontFolder, UnicodeNames names, ulong seed)
{
    private const int FontsCompared = 3;
    private readonly Dictionary<string, FontFile> _opened = [];
    private readonly string[] _files =
    [
        .. Directory.EnumerateFiles(fontFolder, "*.*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".ttf" or ".otf" or ".ttc")
            .OrderBy(file => file, StringComparer.Ordinal),
    ];

    /// <summary>Which characters were refused because they look like another.</summary>
    public ShapeFilter Shapes { get; } = new();

    /// <summary>The chosen characters of one script, in the order of their code points.</summary>
    public Character[] Choose(ScriptRow row)
    {
        // In the order of the patterns, so that a script's plainest fonts come first: those are the ones that shapes are compared in.
        var fonts = row.FontPatterns
            .SelectMany(pattern => _files.Where(file => ScriptRow.Matches(pattern, Path.GetFileNameWithoutExtension(file))))
            .Distinct().Select(Open).ToArray();
        var chosen = new List<Character>();
        foreach (var codePoint in new SplitMix64(SplitMix64.Derive(seed, row.CodePoints[0])).Shuffle(row.CodePoints))
        {
            if (chosen.Count < row.Limit && Accept(row, codePoint, fonts) is { } character)
            {
                chosen.Add(character);
            }
        }

        return [.. chosen.OrderBy(character => character.CodePoint)];
    }

    private Character? Accept(ScriptRow row, int codePoint, FontFile[] fonts)
    {
        var having = fonts.Where(font => font.FindGlyph(codePoint) != 0).ToArray();
        if (having.Length == 0 || names.Find(codePoint) is not { } name)
        {
            return null;
        }

        var shapes = having.GroupBy(font => font.Family).Take(FontsCompared)
            .Select(family => family.FirstOrDefault(font => font.IsRegular) ?? family.First())
            .Select(font => ShapeFilter.ShapeOf(font.Rasterise(font.FindGlyph(codePoint), Style.Canvas, Style.Extent + 24)))
            .ToArray();
        return Shapes.TryAdd($"{row.Script} {codePoint:X4} {char.ConvertFromUtf32(codePoint)}", row.Split, shapes)
            ? new Character(row, codePoint, name, ShapeFilter.DistinctTurns(shapes[0]), having)
            : null;
    }

    private FontFile Open(string path)
    {
        if (!_opened.TryGetValue(path, out var font))
        {
            _opened[path] = font = new FontFile(path);
        }

        return font;
    }
}

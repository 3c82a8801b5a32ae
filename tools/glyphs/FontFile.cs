using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text;

namespace Deutero.Tools.Glyphs;

/// <summary>One TrueType or OpenType font, mapped into memory for the life of the program.</summary>
internal sealed unsafe class FontFile
{
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _data;
    private readonly void* _info;

    public FontFile(string path)
    {
        Path = path;
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _data);
        _info = NativeMemory.AllocZeroed(StbTrueType.FontInfoSize);
        if (StbTrueType.stbtt_InitFont(_info, _data, StbTrueType.stbtt_GetFontOffsetForIndex(_data, 0)) == 0)
        {
            throw new InvalidDataException($"{path}: not a font that stb_truetype can read.");
        }
    }

    /// <summary>Where the font lies.</summary>
    public string Path { get; }

    /// <summary>The file's name without its ending, for example <c>NotoSerifLao-Bold</c>.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The name up to the first hyphen: renderings are spread over families first, then over their weights.</summary>
    public string Family => Name.Split('-')[0];

    /// <summary>The upright face of normal weight, the one that shapes are compared in.</summary>
    public bool IsRegular => !Name.Contains('-', StringComparison.Ordinal) || Name.EndsWith("-Regular", StringComparison.Ordinal);

    /// <summary>The glyph of a code point, or 0 where the font has none or a blank one.</summary>
    public int FindGlyph(int codePoint)
    {
        var glyph = StbTrueType.stbtt_FindGlyphIndex(_info, codePoint);
        return glyph != 0 && StbTrueType.stbtt_IsGlyphEmpty(_info, glyph) == 0 ? glyph : 0;
    }

    /// <summary>Draws a glyph centred on a square canvas, its longer side <paramref name="extent"/> pixels; ink is 1.</summary>
    public float[] Rasterise(int glyph, int canvas, int extent)
    {
        int x0, y0, x1, y1;
        if (StbTrueType.stbtt_GetGlyphBox(_info, glyph, &x0, &y0, &x1, &y1) == 0)
        {
            throw new InvalidDataException($"{Path}: glyph {glyph} has no outline.");
        }

        var scale = extent / (float)Math.Max(x1 - x0, y1 - y0);
        StbTrueType.stbtt_GetGlyphBitmapBox(_info, glyph, scale, scale, &x0, &y0, &x1, &y1);
        int width = x1 - x0, height = y1 - y0;
        var bitmap = new byte[width * height];
        fixed (byte* output = bitmap)
        {
            StbTrueType.stbtt_MakeGlyphBitmapSubpixel(_info, output, width, height, width, scale, scale, 0, 0, glyph);
        }

        var image = new float[canvas * canvas];
        int left = (canvas - width) / 2, top = (canvas - height) / 2;
        for (var i = 0; i < bitmap.Length; i++)
        {
            image[((top + (i / width)) * canvas) + left + (i % width)] = bitmap[i] / 255f;
        }

        return image;
    }

    /// <summary>An English entry of the font's name table (0 copyright, 5 version, 13 licence), or an empty text.</summary>
    public string NameEntry(int nameId)
    {
        int length;
        var text = StbTrueType.stbtt_GetFontNameString(_info, &length, 3, 1, 0x409, nameId);
        if (text != null)
        {
            return OneLine(Encoding.BigEndianUnicode.GetString(text, length));
        }

        text = StbTrueType.stbtt_GetFontNameString(_info, &length, 1, 0, 0, nameId);
        return text == null ? "" : OneLine(Encoding.Latin1.GetString(text, length));
    }

    private static string OneLine(string text) =>
        string.Join(' ', text.Split([' ', '\t', '\r', '\n', '\0'], StringSplitOptions.RemoveEmptyEntries));
}

using System.Runtime.InteropServices;

namespace Deutero.Tools.Glyphs;

/// <summary>The C functions of stb_truetype that this program needs, as Debian's libstb0 exports them.</summary>
internal static unsafe partial class StbTrueType
{
    private const string Library = "libstb.so.0";

    /// <summary>Bytes to reserve for one <c>stbtt_fontinfo</c>: the struct has 160 on x86-64; the rest is margin.</summary>
    public const int FontInfoSize = 512;

    [LibraryImport(Library)]
    public static partial int stbtt_GetFontOffsetForIndex(byte* data, int index);

    [LibraryImport(Library)]
    public static partial int stbtt_InitFont(void* info, byte* data, int offset);

    [LibraryImport(Library)]
    public static partial int stbtt_FindGlyphIndex(void* info, int codePoint);

    [LibraryImport(Library)]
    public static partial int stbtt_IsGlyphEmpty(void* info, int glyph);

    [LibraryImport(Library)]
    public static partial int stbtt_GetGlyphBox(void* info, int glyph, int* x0, int* y0, int* x1, int* y1);

    [LibraryImport(Library)]
    public static partial void stbtt_MakeGlyphBitmapSubpixel(
        void* info, byte* output, int width, int height, int stride, float scaleX, float scaleY, float shiftX, float shiftY, int glyph);

    [LibraryImport(Library)]
    public static partial void stbtt_GetGlyphBitmapBox(
        void* info, int glyph, float scaleX, float scaleY, int* x0, int* y0, int* x1, int* y1);

    [LibraryImport(Library)]
    public static partial byte* stbtt_GetFontNameString(
        void* info, int* length, int platform, int encoding, int language, int nameId);
}

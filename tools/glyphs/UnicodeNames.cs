using System.Globalization;

namespace Deutero.Tools.Glyphs;

/// <summary>Names of letters and digits from the Unicode Character Database's <c>UnicodeData.txt</c>.</summary>
internal sealed class UnicodeNames
{
    private static readonly string[] Categories = ["Lu", "Ll", "Lo", "Nd", "Nl", "No"];
    private readonly Dictionary<int, string> _names = [];

    /// <summary>Keeps letters and digits only, and no character that is a composition of others (é, ﬁ, ⅻ).</summary>
    public UnicodeNames(string path)
    {
        foreach (var fields in File.ReadLines(path).Select(line => line.Split(';')))
        {
            if (Categories.Contains(fields[2]) && fields[5].Length == 0)
            {
                _names[int.Parse(fields[0], NumberStyles.HexNumber)] = fields[1];
            }
        }
    }

    /// <summary>The character's name, or null where it is not a letter or digit of its own. Ideographs are named by number.</summary>
    public string? Find(int codePoint) =>
        codePoint is >= 0x4E00 and <= 0x9FFF ? $"CJK UNIFIED IDEOGRAPH-{codePoint:X4}" : _names.GetValueOrDefault(codePoint);
}

using System.Globalization;

namespace Deutero.Tools.Glyphs;

/// <summary>Makes the data set: three files of images, an index of the characters and a list of the fonts.</summary>
internal sealed class Builder(string output, ulong seed)
{
    /// <summary>How many renderings each character has.</summary>
    public const int Renderings = 20;

    /// <summary>Writes everything; the font list names each font once, in the order of first use.</summary>
    public void Build(Selection selection, ScriptRow[] rows, TextWriter log)
    {
        Directory.CreateDirectory(Path.Combine(output, "LICENSES"));

        // Of two characters that look the same the first is kept. The training scripts are many, so they come last and give way.
        var chosen = DataFiles.Splits.Reverse().ToDictionary(
            split => split, split => rows.Where(row => row.Split == split).SelectMany(selection.Choose).ToArray());
        var fonts = new List<FontFile>();
        using var index = Table("glyphs-index.tsv", "class\tsplit\tscript\tcode point\tturns\tname\tfonts");
        var classIndex = 0;
        foreach (var split in DataFiles.Splits)
        {
            var rendered = chosen[split].AsParallel().AsOrdered().Select(character => character.Render(seed, Renderings)).ToArray();
            DataFiles.WriteImages(DataFiles.ImagesOf(output, split), [.. rendered.SelectMany(one => one.Images)]);
            foreach (var (character, (_, fontOf)) in chosen[split].Zip(rendered))
            {
                index.WriteLine(IndexLine(classIndex++, character, fontOf.Select(font => NumberOf(fonts, font))));
            }

            log.WriteLine($"{split}: {Counts(chosen[split])}");
        }

        WriteFonts(fonts);
    }

    private static string Counts(Character[] characters) =>
        $"{characters.Length} characters of " + string.Join(", ", characters.CountBy(one => one.Row.Script).Select(one => $"{one.Key} {one.Value}"));

    private static string IndexLine(int classIndex, Character character, IEnumerable<int> fonts) =>
        string.Create(CultureInfo.InvariantCulture,
            $"{classIndex}\t{character.Row.Split}\t{character.Row.Script}\tU+{character.CodePoint:X4}\t{character.Turns}\t{character.Name}\t{string.Join(',', fonts)}");

    private static int NumberOf(List<FontFile> fonts, FontFile font)
    {
        var number = fonts.IndexOf(font);
        if (number < 0)
        {
            number = fonts.Count;
            fonts.Add(font);
        }

        return number;
    }

    private void WriteFonts(List<FontFile> fonts)
    {
        using var faces = Table("glyphs-fonts.tsv", "font\tname\tversion\tlicence");
        for (var i = 0; i < fonts.Count; i++)
        {
            faces.WriteLine($"{i}\t{fonts[i].Name}\t{fonts[i].NameEntry(5).Split(';')[0]}\t{Licences.Of(fonts[i])}");
        }

        using var families = Table(Path.Combine("LICENSES", "families.tsv"), "family\tlicence\tcopyright");
        foreach (var family in fonts.GroupBy(font => font.Family).OrderBy(family => family.Key, StringComparer.Ordinal))
        {
            families.WriteLine($"{family.Key}\t{Licences.Of(family.First())}\t{Licences.CopyrightOf(family.First())}");
        }
    }

    private StreamWriter Table(string name, string header)
    {
        var writer = new StreamWriter(Path.Combine(output, name)) { NewLine = "\n" };
        writer.WriteLine(header);
        return writer;
    }
}

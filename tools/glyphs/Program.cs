using Deutero.Tools.Glyphs;

const string usage = """
    glyphs build   FOLDER [SEED] [FONTS] [UNICODE_DATA]    make the data set into FOLDER
    glyphs sheet   FOLDER PNG SPLIT [FIRST] [CHARACTERS]    draw a contact sheet, one character a row
    glyphs measure FOLDER                                   accuracy of the nearest class mean of pixels
    """;

switch (args)
{
    case ["build", var folder, .. var rest]:
        Build(folder, ulong.Parse(rest.ElementAtOrDefault(0) ?? "1"), rest.ElementAtOrDefault(1) ?? "/usr/share/fonts",
            rest.ElementAtOrDefault(2) ?? "/usr/share/unicode/UnicodeData.txt");
        return 0;
    case ["sheet", var folder, var png, var split, .. var rest]:
        var first = int.Parse(rest.ElementAtOrDefault(0) ?? "0") * Builder.Renderings;
        var count = int.Parse(rest.ElementAtOrDefault(1) ?? "40") * Builder.Renderings;
        Sheet.Write(png, [.. DataFiles.ReadImages(DataFiles.ImagesOf(folder, split)).Skip(first).Take(count)], Builder.Renderings * 2);
        return 0;
    case ["measure", var folder]:
        Measure(folder);
        return 0;
    default:
        Console.Error.WriteLine(usage);
        return 2;
}

static void Build(string folder, ulong seed, string fonts, string unicodeData)
{
    var rows = ScriptRow.ReadAll(Path.Combine(AppContext.BaseDirectory, "scripts.tsv"));
    var selection = new Selection(fonts, new UnicodeNames(unicodeData), seed);
    new Builder(folder, seed).Build(selection, rows, Console.Out);
    foreach (var (refused, kept, likeness) in selection.Shapes.Refusals)
    {
        Console.Error.WriteLine($"{likeness:F3}\t{refused}\tlooks like\t{kept}");
    }
}

static void Measure(string folder)
{
    foreach (var split in DataFiles.Splits)
    {
        var images = DataFiles.ReadImages(DataFiles.ImagesOf(folder, split));
        foreach (var (ways, shots, queries) in new[] { (5, 1, 15), (5, 5, 15), (20, 1, 15), (20, 5, 15) })
        {
            var (mean, halfWidth) = PixelFloor.Measure(images, ways, shots, queries, episodes: 1000, seed: 1);
            Console.WriteLine($"{split}\t{ways}-way {shots}-shot\t{mean:F1} ± {halfWidth:F1} %");
        }
    }
}

using System.Text;
using System.Text.RegularExpressions;

namespace Deutero.Data;

/// <summary>Omniglot as its author released it: zips of PNGs, with Snell's lists of the Vinyals split.</summary>
internal static partial class OmniglotOriginals
{
    internal const string RunsFile = "one-shot-all_runs.zip";
    internal static readonly string[] Files =
        ["images_background.zip", "images_evaluation.zip", "vinyals_train.txt", "vinyals_val.txt", "vinyals_test.txt"];

    private const int ClassesOfRun = 20;

    internal static Omniglot Read(string folder, int size)
    {
        var splits = ReadSplits(folder);
        var pixels = new MemoryStream();
        var characters = new List<OmniglotCharacter>();
        foreach (var archive in Files[..2])
        {
            using var zip = new ZipImages(Path.Combine(folder, archive));
            foreach (var character in zip.Names.Select(name => DrawingName().Match(name)).Where(match => match.Success).GroupBy(Name))
            {
                var first = (int)(pixels.Length / (size * size));
                var drawings = character.ToArray();
                foreach (var drawing in drawings)
                {
                    pixels.Write(zip.ReadDrawing(drawing.Value, size));
                }

                var split = splits.TryGetValue(character.Key, out var known)
                    ? known
                    : throw new DataFormatException(
                        $"{folder}: {character.Key} of {archive} is in none of vinyals_train, _val and _test.txt.");
                characters.Add(new OmniglotCharacter(
                    drawings[0].Groups["alphabet"].Value, drawings[0].Groups["character"].Value, archive == Files[0], split,
                    [.. Enumerable.Range(first, drawings.Length)]));
            }
        }

        return characters.Count == splits.Count
            ? new Omniglot(new ImageBuffer(pixels.ToArray(), 1, size, size, PixelLayout.ChannelsFirst), characters)
            : throw new DataFormatException(
                $"{folder}: the zips hold {characters.Count} characters where the split lists name {splits.Count}.");
    }

    internal static IReadOnlyList<OneShotRun> ReadRuns(string path, int size)
    {
        using var zip = new ZipImages(path);
        var runs = zip.Names.Where(name => name.EndsWith("/class_labels.txt", StringComparison.Ordinal)).ToArray();
        return runs.Length == 0
            ? throw new DataFormatException($"{path} holds no runNN/class_labels.txt.")
            : [.. runs.Select(labels => ReadRun(zip, path, labels, size))];
    }

    private static OneShotRun ReadRun(ZipImages zip, string path, string labels, int size)
    {
        var run = labels[..labels.IndexOf('/', StringComparison.Ordinal)];
        var training = Enumerable.Range(1, ClassesOfRun).Select(i => $"{run}/training/class{i:00}.png").ToArray();
        var tests = Enumerable.Range(1, ClassesOfRun).Select(i => $"{run}/test/item{i:00}.png").ToArray();
        var answers = new int[ClassesOfRun];
        Array.Fill(answers, -1);
        foreach (var line in Encoding.UTF8.GetString(zip.ReadBytes(labels)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = line.Split(' ', StringSplitOptions.TrimEntries);
            var (item, right) = pair.Length == 2 ? (Array.IndexOf(tests, pair[0]), Array.IndexOf(training, pair[1])) : (-1, -1);
            if (item < 0 || right < 0)
            {
                throw new DataFormatException($"{path}: {labels} has the line '{line.Trim()}', not a test item and its class.");
            }

            answers[item] = right;
        }

        return answers.Contains(-1)
            ? throw new DataFormatException($"{path}: {labels} lacks the class of a test item.")
            : new OneShotRun(run, size, Drawings(zip, training, size), Drawings(zip, tests, size), answers);
    }

    private static float[][] Drawings(ZipImages zip, string[] names, int size) =>
        [.. names.Select(name => Array.ConvertAll(zip.ReadDrawing(name, size), value => value / 255f))];

    private static Dictionary<string, Split> ReadSplits(string folder)
    {
        var splits = new Dictionary<string, Split>(StringComparer.Ordinal);
        foreach (var (split, file) in new[] { (Split.Train, Files[2]), (Split.Validation, Files[3]), (Split.Test, Files[4]) })
        {
            var lines = File.ReadLines(Path.Combine(folder, file));
            foreach (var line in lines.Where(line => line.EndsWith("/rot000", StringComparison.Ordinal)))
            {
                if (!splits.TryAdd(line[..^"/rot000".Length], split))
                {
                    throw new DataFormatException($"{folder}: {line} is in two of the split lists.");
                }
            }
        }

        return splits;
    }

    private static string Name(Match drawing) => $"{drawing.Groups["alphabet"].Value}/{drawing.Groups["character"].Value}";

    [GeneratedRegex(@"^images_(background|evaluation)/(?<alphabet>[^/]+)/(?<character>[^/]+)/[^/]+\.png$")]
    private static partial Regex DrawingName();
}

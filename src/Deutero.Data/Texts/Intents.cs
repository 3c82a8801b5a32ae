using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using CsvHelper;

namespace Deutero.Data;

/// <summary>Sentences that people say to a machine, by what they want: CLINC150, BANKING77 and HWU64, in the five folds of ProtAugment (Dopierre et al., ACL 2021).</summary>
public static class Intents
{
    private const string FoldsFile = "few_shot_folds.json";
    private const int Folds = 5;

    private static readonly Dictionary<string, string[]> s_files = new()
    {
        ["clinc150"] = ["clinc150_data_full.json.gz"],
        ["banking77"] = ["banking77_train.csv.gz", "banking77_test.csv.gz"],
        ["hwu64"] = ["hwu64_full.jsonl.gz"],
    };

    /// <summary>The names that <see cref="Open"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["clinc150", "banking77", "hwu64"];

    /// <summary>Opens a set of intents in one of its folds.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="fold">Which intents are for meta-training, validation and test, 1 to 5.</param>
    /// <param name="dataFolder">The folder with <c>intents/</c>, or <see langword="null"/> to look in the usual places.</param>
    /// <param name="options">How texts become numbers, or <see langword="null"/> for the defaults.</param>
    /// <param name="vectors">Vectors of words, or null.</param>
    /// <exception cref="ArgumentException">The name or the fold is unknown.</exception>
    /// <exception cref="DataNotFoundException">The files are in none of the places.</exception>
    /// <exception cref="DataFormatException">A file is damaged.</exception>
    public static ClassData Open(string name, int fold = 1, string? dataFolder = null, TextOptions? options = null, WordVectors? vectors = null)
    {
        if (!s_files.TryGetValue(name, out var files))
        {
            throw new ArgumentException(NearestName.Unknown("set of intents", name, Names));
        }

        if (fold is < 1 or > Folds)
        {
            throw new ArgumentException($"Intents have the folds 1 to {Folds}, not {fold}.");
        }

        var folder = DataLocation.Resolve(dataFolder).Find(DataSets.Intents, [.. files, FoldsFile]);
        try
        {
            var splits = ReadFold(Path.Combine(folder, FoldsFile), name, fold);
            var texts = files.SelectMany(file => Read(Path.Combine(folder, file))).ToArray();
            return TextData.Of($"intents-{name}/fold{fold}", texts, label => splits.TryGetValue(label, out var split) ? split : null, options ?? new TextOptions(), vectors);
        }
        catch (Exception fault) when (fault is InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException or CsvHelperException)
        {
            throw new DataFormatException($"{folder} has damaged files: compare them by 'deutero data verify intents'.", fault);
        }
    }

    private static Dictionary<string, Split> ReadFold(string path, string name, int fold)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var lists = document.RootElement.GetProperty(name).GetProperty($"fold{fold}");
        IEnumerable<(string Label, Split Split)> Of(string key, Split split) => lists.GetProperty(key).EnumerateArray().Select(label => (label.GetString()!, split));
        return ((IEnumerable<(string Label, Split Split)>)[.. Of("train", Split.Train), .. Of("valid", Split.Validation), .. Of("test", Split.Test)])
            .ToDictionary(one => one.Label, one => one.Split, StringComparer.Ordinal);
    }

    private static IEnumerable<LabelledText> Read(string path)
    {
        using var file = File.OpenRead(path);
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        return path.EndsWith(".json.gz", StringComparison.Ordinal) ? [.. OfClinc(reader)]
            : path.EndsWith(".jsonl.gz", StringComparison.Ordinal) ? [.. OfLines(reader)] : [.. OfTable(reader)];
    }

    // {"train": [[text, label], ...], "val": ..., "test": ..., "oos_train": ...}: what is out of scope has no intent.
    private static IEnumerable<LabelledText> OfClinc(StreamReader reader)
    {
        using var document = JsonDocument.Parse(reader.ReadToEnd());
        foreach (var pair in ((string[])["train", "val", "test"]).SelectMany(part => document.RootElement.GetProperty(part).EnumerateArray()))
        {
            yield return new(pair[0].GetString()!, pair[1].GetString()!);
        }
    }

    private static IEnumerable<LabelledText> OfLines(StreamReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            yield return new(document.RootElement.GetProperty("sentence").GetString()!, document.RootElement.GetProperty("label").GetString()!);
        }
    }

    private static IEnumerable<LabelledText> OfTable(StreamReader reader)
    {
        using var parser = new CsvParser(reader, CultureInfo.InvariantCulture);
        parser.Read();
        while (parser.Read())
        {
            yield return new(parser[0], parser[1]);
        }
    }
}

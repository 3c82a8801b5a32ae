using System.Globalization;

namespace Deutero.Service.Tests;

/// <summary>A run of texts and one of a table, trained as briefly as can be; what they were trained on is gone afterwards.</summary>
public sealed class TrainedInputs : IDisposable
{
    internal const int Classes = 20;
    internal const int Each = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-inputs-").FullName;

    public TrainedInputs()
    {
        WriteData();
        Train(Texts, $"data.name=text:{TextFile}", "data.textBuckets=512", "model=text-encoder", "model.buckets=512", "model.width=8");
        Train(Table, $"data.name=table:{TableFile}#kind", "model=mlp", "model.hidden=[8]");
        RemoveData();
    }

    internal string Texts => this["texts"];

    internal string Table => this["table"];

    internal string TextFile => this["texts.tsv"];

    internal string TableFile => this["table.csv"];

    internal string this[string name] => Path.Combine(_folder, name);

    /// <summary>The texts of a class, in the order of the file.</summary>
    internal static string[] TextsOf(int label) =>
        [.. Enumerable.Range(0, Each).Select(i => $"please word{label} the {(i % 2 == 0 ? "old" : "new")} thing{label} number {i}")];

    /// <summary>The rows of a class, in the order of the file: size, colour, and sometimes a weight.</summary>
    internal static (double Size, string Colour, double? Weight)[] RowsOf(int label) => [.. Enumerable.Range(0, Each).Select(i =>
        (label + (i / 10.0), ((string[])["red", "green", "blue"])[label % 3], i % 3 == 0 ? null : (double?)(label * i)))];

    internal void WriteData()
    {
        File.WriteAllLines(TextFile, ["text\tlabel", .. Enumerable.Range(0, Classes).SelectMany(label => TextsOf(label).Select(text => $"{text}\tclass{label:D2}"))]);
        File.WriteAllLines(TableFile, ["size,colour,weight,kind", .. Enumerable.Range(0, Classes).SelectMany(label => RowsOf(label)
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Size},{row.Colour},{row.Weight},class{label:D2}")))]);
    }

    internal void RemoveData()
    {
        File.Delete(TextFile);
        File.Delete(TableFile);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Train(string folder, params string[] settings)
    {
        string[] all =
        [
            .. settings, "episodes.ways=2", "episodes.shots=2", "episodes.queries=2", "training.iterations=3", "training.metaBatch=1", "training.validateEvery=0",
            "evaluation.episodes=2", "training.threads=1",
        ];
        var (exit, output) = Command.Run(Command.Of("Deutero.Cli"), ["train", "-o", folder, .. all.SelectMany(setting => (string[])["--set", setting])]);
        Assert.True(exit == 0, output);
    }
}

using System.Text.Json.Nodes;

namespace Deutero.Cli.Tests.EndToEnd;

public sealed class ReproduceTests : IDisposable
{
    private static readonly string[] s_short = Settings.Set("training.iterations=300", "evaluation.episodes=20", "training.execution=loop");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_budget_is_kept_to_and_told_for_each_seed()
    {
        string[] command = ["reproduce", "--benchmark", "sinusoid", "--learner", "reptile", "-o", _folder["runs"], "--json", "--seeds", "2", "--budget", "0.02", .. Settings.Set(
            "training.iterations=100000", "evaluation.episodes=5", "training.execution=loop")];
        var outcome = DeuteroProcess.Run(command);
        var records = outcome.Json.AsArray();
        Assert.Equal(Deutero.Cli.Runs.Reproduction.All.Count(one => one is { Benchmark: "sinusoid", Learner: "reptile" }) * 2, records.Count);
        Assert.All(records, record => Assert.Contains($"{(int)record!["updates"]!} of 100000 updates. Changed settings: training.iterations=100000", (string)record["deviations"]!, StringComparison.Ordinal));
        Assert.Equal([1, 11], records.Select(record => (int)record!["seed"]!).Distinct().Order());
        Assert.All(records, record => Assert.InRange((double)record!["training"]!["wallSeconds"]!, 0, 30));

        var again = DeuteroProcess.Run(command); // all have their records
        Assert.Equal((outcome.Code, outcome.Output, ""), (again.Code, again.Output, again.Error));

        Assert.Equal(0, DeuteroProcess.Run("results", _folder["runs"], "--markdown", _folder["page.md"], "--html", _folder["page.html"]).Code);
        Assert.Contains("| reptile |", File.ReadAllText(_folder["page.md"]), StringComparison.Ordinal);
        Assert.Contains("Adaptation, sinusoid 10-shot", File.ReadAllText(_folder["page.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupted_training_counts_all_its_sessions()
    {
        string[] command = ["reproduce", "sinusoid-maml", "-o", _folder["runs"], "--json", .. s_short, .. Settings.Set("training.iterations=400", "training.checkpointSeconds=0.3")];
        using var process = DeuteroProcess.Start(command);
        var cost = _folder["runs", "sinusoid-maml", "cost.json"];
        Assert.True(SpinWait.SpinUntil(() => File.Exists(cost) || process.HasExited, TimeSpan.FromSeconds(60)));
        DeuteroProcess.Interrupt(process);
        Assert.Equal(130, DeuteroProcess.Finish(process).Code);
        var before = JsonNode.Parse(File.ReadAllText(cost))!;
        var record = DeuteroProcess.Run(command).Json;
        Assert.Equal((1, 2), ((int)before["sessions"]!, (int)record["training"]!["sessions"]!));
        Assert.True((double)record["training"]!["cpuSeconds"]! > (double)before["cpuSeconds"]!);
        Assert.True((long)record["training"]!["peakMemoryBytes"]! > 10_000_000);
    }

    [Fact]
    public void A_record_holds_what_the_ledger_needs()
    {
        var record = DeuteroProcess.Run(["reproduce", "glyphs-nearest-centroid", "-o", _folder["runs"], "--seeds", "3", "--json", .. Settings.Set("evaluation.episodes=4")]).Json;
        string[] keys = ["benchmark", "command", "commit", "configuration", "configurationHash", "deviations", "environment", "evaluation", "figures", "learner", "reproduction", "seed", "title", "training", "updates"];
        Assert.Equal(keys, record.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal)); // one record: a learner without training has no seeds
        Assert.Equal(0, (int)record["updates"]!);
        Assert.Null(record["training"]);
        var figure = record["figures"]![0]!;
        Assert.Equal(("not comparable", 4), ((string?)figure["verdict"], figure["scores"]!.AsArray().Count));
        Assert.Equal((double)figure["score"]!, figure["scores"]!.AsArray().Average(score => (double)score!), 1e-3);
        Assert.NotNull(figure["calibration"]!["expectedCalibrationError"]);
        Assert.Equal("deutero reproduce glyphs-nearest-centroid --set evaluation.episodes=4", (string?)record["command"]);
    }

    [Theory]
    [InlineData("No reproduction has learner mamml; learners are", "--learner", "mamml")]
    [InlineData("No reproduction has learner maml and benchmark omniglott;", "--learner", "maml", "--benchmark", "omniglott")]
    [InlineData("--seeds must be at least 1 but is 0.", "sinusoid-maml", "--seeds", "0")]
    [InlineData("--budget must be a positive number of minutes but is -1.", "sinusoid-maml", "--budget", "-1")]
    public void A_mistake_is_one_sentence(string sentence, params string[] arguments)
    {
        var outcome = DeuteroProcess.Run(["reproduce", "-o", _folder["runs"], .. arguments]);
        Assert.Equal(2, outcome.Code);
        Assert.StartsWith(sentence, outcome.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["runs"]));
    }
}

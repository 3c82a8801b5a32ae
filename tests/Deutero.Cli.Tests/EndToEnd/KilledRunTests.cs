using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>A run that is killed at any moment ends, once resumed, as one that was not.</summary>
public sealed class KilledRunTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void Twenty_kills_leave_no_trace_in_a_regression() => Survives(20, Settings.Sinusoid(600));

    [Fact]
    public void Kills_leave_no_trace_where_running_statistics_are_kept() => Survives(5, [.. Settings.Glyphs("protonet", 120), .. Settings.Set(
        "model.batchNorm=running", "training.validateEvery=40", "training.validationEpisodes=4", "training.threads=2", "training.execution=parallel")]);

    private static void Survives(int kills, string[] settings)
    {
        using var folder = new TemporaryFolder();
        string[] Command(string name) => ["train", "-o", folder[name], .. settings, "--set", "training.checkpointSeconds=0"];
        var whole = DeuteroProcess.Run(Command("whole"));
        Assert.True(whole.Code == 0, whole.Error);

        var random = new Random(20260101);
        var (killed, resumed) = (0, 0);
        for (; killed < kills; killed++)
        {
            using var process = DeuteroProcess.Start(Command("killed"));
            WaitForTheMoment(random, process, folder["killed", "checkpoint.safetensors"]);
            Assert.False(process.HasExited, "The run ended before all kills: it must be made longer.");
            process.Kill();
            resumed += DeuteroProcess.Finish(process).Error.Contains("Resuming", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(resumed > kills / 3, $"Only {resumed} of {kills} kills hit a run that had resumed.");
        var last = DeuteroProcess.Run(Command("killed"));
        Assert.True(last.Code == 0, last.Error);
        Assert.Contains("Resuming", last.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(folder["whole", "model.safetensors"]), File.ReadAllBytes(folder["killed", "model.safetensors"]));
        Assert.Equal(File.ReadAllText(folder["whole", "evaluation.json"]), File.ReadAllText(folder["killed", "evaluation.json"]));
        Assert.Equal(Metrics(folder["whole", "metrics.jsonl"]), Metrics(folder["killed", "metrics.jsonl"]));
        Assert.Empty(Directory.GetFiles(folder["killed"], "*.tmp"));
    }

    // Half of the kills come while the process starts, the others a little after a checkpoint was written.
    private static void WaitForTheMoment(Random random, Process process, string checkpoint)
    {
        if (random.Next(2) == 0)
        {
            process.WaitForExit(random.Next(50, 600));
            return;
        }

        var before = File.GetLastWriteTimeUtc(checkpoint);
        SpinWait.SpinUntil(() => process.HasExited || File.GetLastWriteTimeUtc(checkpoint) != before, s_patience);
        process.WaitForExit(random.Next(40));
    }

    // What a run measures, without how long it took. None is missing and none is there twice.
    private static (int Iteration, string Loss, string? Validation)[] Metrics(string path)
    {
        var rows = File.ReadLines(path).Select(line => JsonNode.Parse(line)!).ToArray();
        var iterations = rows.Select(row => (int)row["iteration"]!).ToArray();
        Assert.Equal(Enumerable.Range(1, iterations.Length).Select(i => 10 * i), iterations);
        return [.. rows.Select((row, i) => (iterations[i], row["loss"]!.ToJsonString(), row["validation"]?.ToJsonString()))];
    }
}

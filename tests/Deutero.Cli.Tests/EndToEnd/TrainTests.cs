using System.Text.Json.Nodes;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Tests.EndToEnd;

public sealed class TrainTests
{
    private static readonly string[] s_files =
    [
        "checkpoint.safetensors", "configuration.json", "cost.json", "environment.json", "evaluation.json", "metrics.jsonl", "model-card.md", "model.safetensors", "report.html",
    ];

    [Fact]
    public void A_run_folder_is_complete_and_standard_output_is_json()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], "--json", .. Settings.Glyphs("protonet", 5)]);
        Assert.Equal(0, outcome.Code);
        Assert.Equal(s_files, Directory.GetFileSystemEntries(folder["run"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("accuracy", (string?)outcome.Json["metric"]);
        Assert.Equal(5, (int)outcome.Json["episodes"]!);
        Assert.InRange((double)outcome.Json["mean"]!, 0, 1);
        var report = File.ReadAllText(folder["run", "report.html"]);
        Assert.StartsWith("<!DOCTYPE html>", report, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Reliability: ECE", report, StringComparison.Ordinal);
        Assert.Contains("Accuracy when abstaining", report, StringComparison.Ordinal);
        var calibration = outcome.Json["calibration"]!;
        Assert.Equal(5 * 5 * 3, calibration["reliability"]!["count"]!.AsArray().Sum(count => (int)count!)); // episodes, ways, queries
        Assert.Equal((double)outcome.Json["mean"]!, (double)calibration["coverage"]!["accuracy"]![19]!, 1e-6);
        Assert.EndsWith("</html>", report.TrimEnd(), StringComparison.OrdinalIgnoreCase);

        var again = DeuteroProcess.Run(["evaluate", folder["run"], "--json"]);
        Assert.Equal((0, outcome.Output), (again.Code, again.Output));
    }

    [Theory]
    [InlineData("learner.inerRate=1", "innerRate")]
    [InlineData("training.iterations=0", "iterations")]
    [InlineData("data.name=omniglott", "omniglot")]
    [InlineData("data.name=sinusoids", "did you mean sinusoid?")]
    [InlineData("episodes.ways=9999", "9999")]
    [InlineData("model.filters=many", "filters")]
    [InlineData("device=gpu", "gpu")]
    public void A_refused_setting_is_one_sentence_and_writes_nothing(string setting, string named)
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], "--set", "learner=maml", "--set", setting]);
        Assert.Equal((2, ""), (outcome.Code, outcome.Output));
        Assert.Contains(named, outcome.Sentence, StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void A_learner_with_nothing_to_learn_is_refused_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run("train", "-o", folder["run"], "--set", "learner=nearest-centroid");
        Assert.Equal(2, outcome.Code);
        Assert.Contains("nothing to meta-learn", outcome.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void Another_configuration_does_not_resume()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, DeuteroProcess.Run(["train", "-o", folder["run"], .. Settings.Sinusoid(5)]).Code);
        var before = File.ReadAllBytes(folder["run", "checkpoint.safetensors"]);
        var other = DeuteroProcess.Run(["train", "-o", folder["run"], .. Settings.Sinusoid(6)]);
        Assert.Equal(2, other.Code);
        Assert.Contains("another configuration", other.Sentence, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(folder["run", "checkpoint.safetensors"]));

        Assert.Equal(0, DeuteroProcess.Run(["train", "-o", folder["run"], "--restart", .. Settings.Sinusoid(6)]).Code);
    }

    [Theory]
    [InlineData("train", "-o", "", "--restart")]
    [InlineData("reproduce", "sinusoid-maml", "-o", "..")]
    public void A_folder_in_which_another_process_trains_is_left_alone(params string[] command)
    {
        using var folder = new TemporaryFolder();
        var run = folder["sinusoid-maml"];
        Directory.CreateDirectory(run);
        File.WriteAllText(folder["sinusoid-maml", "checkpoint.safetensors"], "another's");
        using (new RunFolder(run).Hold())
        {
            var outcome = DeuteroProcess.Run([.. command.Select(word => word switch { "" => run, ".." => folder[""], _ => word })]);
            Assert.Equal(2, outcome.Code);
            Assert.Contains("in use: another process trains in it", outcome.Sentence, StringComparison.Ordinal);
        }

        Assert.Equal(["checkpoint.safetensors"], Directory.GetFiles(run).Select(Path.GetFileName));
        Assert.Equal("another's", File.ReadAllText(folder["sinusoid-maml", "checkpoint.safetensors"]));
    }

    [Fact]
    public void Divergence_says_where_and_what_to_change()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], .. Settings.Sinusoid(20), "--set", "learner.innerRate=1e30"]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("at iteration 1: lower the inner or outer learning rate", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_chosen_execution_is_said_and_kept_in_the_run_folder()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], .. Settings.Sinusoid(60)]);
        Assert.Equal(0, outcome.Code);
        var kept = (string)JsonNode.Parse(File.ReadAllText(folder["run", "environment.json"]))!["execution"]!;
        Assert.Matches(@"^(Vectorised|Loop) \(Vectorised [0-9.]+, Loop [0-9.]+ ms a meta-batch\)$", kept);
        Assert.Contains($"Execution: {kept}.", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_absent_device_is_one_sentence_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run("train", "-o", folder["run"], "--device", "cuda:99");
        Assert.Equal((2, ""), (outcome.Code, outcome.Output));
        Assert.Contains("The device is cuda:99 but this libtorch sees", outcome.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void Interrupted_training_saves_and_the_same_command_resumes()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["train", "-o", folder["run"], .. Settings.Sinusoid(400), "--set", "training.checkpointSeconds=0"];
        using var process = DeuteroProcess.Start(command);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(folder["run", "checkpoint.safetensors"]) || process.HasExited, TimeSpan.FromSeconds(60)));
        DeuteroProcess.Interrupt(process);
        var stopped = DeuteroProcess.Finish(process);
        Assert.Equal(130, stopped.Code);
        Assert.Contains("of 400 iterations and saved; the same command resumes", stopped.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["run", "model.safetensors"]));

        var resumed = DeuteroProcess.Run(command);
        Assert.Equal(0, resumed.Code);
        Assert.Contains("Resuming after iteration", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(400, File.ReadLines(folder["run", "metrics.jsonl"]).Select(line => (int)JsonNode.Parse(line)!["iteration"]!).Last());
    }
}

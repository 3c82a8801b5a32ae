using Deutero.Torch.Serialization;

namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>Several processes do what one does.</summary>
public sealed class LaunchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("loop", 0)]
    [InlineData("vectorised", 1e-5)] // the bits of an episode depend on how many are computed together
    public void The_number_of_processes_changes_the_parameters_by_rounding_alone(string execution, double most)
    {
        // Three episodes: two processes have unequal shares, and of four one has none.
        string[] settings = [.. Settings.Sinusoid(40), .. Settings.Set("training.metaBatch=3", "training.validateEvery=20", $"training.execution={execution}")];
        Done(["train", "-o", _folder["1"], .. settings]);
        foreach (var (name, processes) in new[] { ("2", "2"), ("2 again", "2"), ("4", "4") })
        {
            Done(["launch", "-n", processes, "--", "train", "-o", _folder[name], .. settings]);
        }

        Assert.InRange(Distance("1", "2"), 0, most);
        Assert.InRange(Distance("1", "4"), 0, most);
        Assert.Equal(File.ReadAllBytes(_folder["2", "model.safetensors"]), File.ReadAllBytes(_folder["2 again", "model.safetensors"]));
        Assert.Equal(Directory.GetFiles(_folder["1"]).Select(Path.GetFileName).Order(), Directory.GetFiles(_folder["2"]).Select(Path.GetFileName).Order());
        Assert.Equal(File.ReadAllLines(_folder["1", "metrics.jsonl"]).Length, File.ReadAllLines(_folder["2", "metrics.jsonl"]).Length);
    }

    [Fact]
    public void Images_and_running_statistics_are_the_same_on_two_processes()
    {
        string[] settings = [.. Settings.Glyphs("protonet", 10), .. Settings.Set("model.batchNorm=running", "training.validateEvery=5", "training.validationEpisodes=4")];
        Done(["train", "-o", _folder["1"], .. settings]);
        var outcome = Done(["launch", "-n", "2", "--", "train", "-o", _folder["2"], "--json", .. settings]);
        Assert.Equal(5, (int)outcome.Json["episodes"]!);
        Assert.InRange(Distance("1", "2"), 0, 1e-5);

        var alone = Done(["evaluate", _folder["2"], "--json"]);
        Assert.Equal(alone.Output, Done(["launch", "-n", "3", "--", "evaluate", _folder["2"], "--json"]).Output);
    }

    [Fact]
    public void A_reproduction_gives_the_same_figures_on_two_processes()
    {
        string[] settings = Settings.Set("training.iterations=20", "training.validateEvery=0", "evaluation.episodes=20");
        string[] Reproduce(string folder) => ["reproduce", "sinusoid-maml", "-o", _folder[folder], "--json", .. settings];
        var alone = DeuteroProcess.Run(Reproduce("1"));
        var together = DeuteroProcess.Run(["launch", "-n", "2", "--", .. Reproduce("2")]);
        Assert.Equal((3, 3), (alone.Code, together.Code)); // twenty iterations miss the bounds
        double[] Scores(DeuteroProcess.Outcome outcome) => [.. outcome.Json["figures"]!.AsArray().Select(figure => (double)figure!["score"]!)];
        Assert.All(Scores(alone).Zip(Scores(together)), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * pair.First));
    }

    [Fact]
    public void Interrupted_processes_save_what_compression_carries_and_resume_to_the_same_bits()
    {
        string[] Command(string name) =>
        [
            "launch", "-n", "2", "--", "train", "-o", _folder[name], .. Settings.Sinusoid(250),
            .. Settings.Set("training.checkpointSeconds=0", "training.compression=top-k", "training.compression.fraction=0.05"),
        ];
        Done(Command("whole"));
        using var process = DeuteroProcess.Start(Command("stopped"));
        Assert.True(SpinWait.SpinUntil(() => File.Exists(_folder["stopped", "checkpoint.safetensors"]) || process.HasExited, TimeSpan.FromSeconds(60)));
        DeuteroProcess.Interrupt(process);
        var stopped = DeuteroProcess.Finish(process);
        Assert.Equal(130, stopped.Code);
        Assert.Contains("of 250 iterations and saved; the same command resumes", stopped.Error, StringComparison.Ordinal);

        Assert.Contains("Resuming after iteration", Done(Command("stopped")).Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(_folder["whole", "model.safetensors"]), File.ReadAllBytes(_folder["stopped", "model.safetensors"]));
        var tensors = SafetensorsParameters.Load(_folder["stopped", "checkpoint.safetensors"]).Parameters;
        Assert.Equal(2, tensors["compression.residual"].Size(0));
    }

    [Fact]
    public void What_cannot_be_launched_is_one_sentence()
    {
        Refused("launch runs train, evaluate, reproduce, but found 'list'.", "launch", "-n", "2", "--", "list");
        Refused("--processes is 0 but must be at least 1.", "launch", "-n", "0", "--", "train", "-o", _folder["x"]);
        Refused("--min-processes is 3 but --processes only 2.", "launch", "-n", "2", "--min-processes", "3", "--", "train", "-o", _folder["x"]);
        Refused("training.iterations is 0; it must be at least 1", "launch", "-n", "2", "--", "train", "-o", _folder["x"], "--set", "training.iterations=0");
        Assert.False(Directory.Exists(_folder["x"]));
    }

    private static void Refused(string sentence, params string[] arguments)
    {
        var outcome = DeuteroProcess.Run(arguments);
        Assert.Equal(2, outcome.Code);
        Assert.StartsWith(sentence, outcome.Sentence, StringComparison.Ordinal);
    }

    private static DeuteroProcess.Outcome Done(string[] command)
    {
        var outcome = DeuteroProcess.Run(command);
        Assert.True(outcome.Code == 0, outcome.Error);
        return outcome;
    }

    private double Distance(string first, string second) => Models.Distance(_folder[first, "model.safetensors"], _folder[second, "model.safetensors"]);
}

using System.Text.Json.Nodes;
using Deutero.Cli.Benchmarks;

namespace Deutero.Cli.Tests.EndToEnd;

public sealed class BenchTests
{
    private static readonly string[] s_names =
    [
        "maml-so1", "maml-so5", "maml-fo1", "maml-fo5", "anil5", "proto60", "sine-so1", "sine-so5", "mini-so1", "mini-so5", "embed", "call",
    ];

    [Fact]
    public void Workloads_are_those_that_others_compare_with() => Assert.Equal(s_names, Workload.All.Select(workload => workload.Name));

    [Fact]
    public void A_result_says_everything_that_a_comparison_needs()
    {
        var outcome = DeuteroProcess.Run("bench", "--workload", "sine-so1", "--threads", "1", "--repetitions", "2", "--json");
        Assert.Equal(0, outcome.Code);
        var result = Assert.Single(outcome.Json["results"]!.AsArray())!;
        Assert.Equal(("sine-so1", 1, "float32"), ((string?)result["workload"], (int)result["threads"]!, (string?)result["precision"]));
        Assert.Contains((string?)result["execution"], (string[])["Loop", "Vectorised"]); // what Auto chose
        Assert.Matches("^[0-9]+[.][0-9]+", (string)result["libtorch"]!);
        Assert.Equal(1 / (double)result["wallSecondsPerTask"]!, (double)result["tasksPerSecond"]!, 1e-6);
        Assert.InRange((double)result["cpuSecondsPerTask"]!, 1e-6, 0.1);
        Assert.InRange((long)result["peakMemoryBytes"]!, 50_000_000, 2_000_000_000);
    }

    // A workload in the same process would find the memory that an earlier one has left.
    [Fact]
    public void A_peak_belongs_to_one_workload()
    {
        var outcome = DeuteroProcess.Run("bench", "-w", "mini-so5", "-w", "call", "--threads", "1", "-n", "1", "--json");
        var peaks = outcome.Json["results"]!.AsArray().Select(result => (long)result!["peakMemoryBytes"]!).ToArray();
        Assert.True(peaks[1] < peaks[0], $"{peaks[1]} bytes for products of small matrices, {peaks[0]} for five steps on images of 84x84");
    }

    [Fact]
    public void A_peer_takes_turns_and_its_processor_time_is_compared()
    {
        using var folder = new TemporaryFolder();
        const string Result = """{"workload":"call","execution":"peer","threads":1,"precision":"float32","libtorch":"1.0","wallSecondsPerTask":1,"cpuSecondsPerTask":3,"peakMemoryBytes":5000000}""";
        File.WriteAllText(folder["peer.sh"], $"echo \"$@\" >> '{folder["calls"]}'\necho '{Result}'\n");
        var outcome = DeuteroProcess.Run(
            "bench", "-w", "call", "--threads", "1", "-n", "1", "--peer", $"sh \"{folder["peer.sh"]}\"", "--rounds", "2", "-o", folder["raw.json"]);
        Assert.Equal(0, outcome.Code);
        Assert.Contains("peer CPU / ours", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Repeat("--workload call --threads 1 --repetitions 1", 2), File.ReadLines(folder["calls"]));

        var result = JsonNode.Parse(File.ReadAllText(folder["raw.json"]))!["results"]![0]!;
        Assert.Equal((2, 2), (result["rounds"]!.AsArray().Count, result["peerRounds"]!.AsArray().Count));
        Assert.Equal(3 / (double)result["cpuSecondsPerTask"]!, (double)result["cpuRatio"]!, 1e-6 * (double)result["cpuRatio"]!);
        Assert.Equal(5_000_000, (long)result["peer"]!["peakMemoryBytes"]!);
    }

    [Fact]
    public void A_peer_runs_in_the_environment_of_the_user()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["peer.sh"], $"echo \"[$OMP_WAIT_POLICY$OPENBLAS_CORETYPE]\" >> '{folder["policies"]}'; false\n");
        string[] command = ["bench", "-w", "call", "--threads", "1", "-n", "1", "--peer", $"sh {folder["peer.sh"]}"];
        DeuteroProcess.Run(command);
        DeuteroProcess.Run([("OMP_WAIT_POLICY", "ACTIVE")], command);
        DeuteroProcess.Run([("OPENBLAS_CORETYPE", "Haswell")], command);
        Assert.Equal(["[]", "[ACTIVE]", "[Haswell]"], File.ReadLines(folder["policies"]));
    }

    [Theory]
    [InlineData("false", "exit code 1")]
    [InlineData("echo hello", "printed 'hello --workload call")]
    [InlineData("no-such-program", "could not be started")]
    public void A_peer_that_fails_is_named_in_one_sentence(string peer, string named)
    {
        var outcome = DeuteroProcess.Run("bench", "-w", "call", "--threads", "1", "-n", "1", "--peer", peer);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(named, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--workload", "maml", "There is no workload 'maml'")]
    [InlineData("--rounds", "0", "--rounds must be a whole number of at least 1")]
    [InlineData("--device", "cuda:99", "The device is cuda:99 but this libtorch sees")]
    [InlineData("--device", "gpu", "gpu")]
    public void A_refusal_names_what_is_wrong(string option, string value, string expected)
    {
        var outcome = DeuteroProcess.Run("bench", option, value);
        Assert.Equal((2, ""), (outcome.Code, outcome.Output));
        Assert.Contains(expected, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_of_several_rounds_are_their_medians()
    {
        var one = new BenchResult("call", "Loop", 1, "float32", "1.13", WallSecondsPerTask: 1, CpuSecondsPerTask: 6, PeakMemoryBytes: 10);
        var median = BenchResult.Median([one, one with { WallSecondsPerTask = 9, CpuSecondsPerTask = 2, PeakMemoryBytes = 30 }, one with { WallSecondsPerTask = 2 }]);
        Assert.Equal((2, 6, 10), (median.WallSecondsPerTask, median.CpuSecondsPerTask, median.PeakMemoryBytes));
    }
}

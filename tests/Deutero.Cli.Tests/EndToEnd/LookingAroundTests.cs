using Deutero.Cli.Diagnosis;

namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>The commands that tell: list, data, doctor, and help.</summary>
public sealed class LookingAroundTests
{
    [Fact]
    public void Learners_come_with_their_papers()
    {
        var outcome = DeuteroProcess.Run("list", "learners", "--json");
        var maml = Assert.Single(outcome.Json.AsArray(), row => (string?)row!["learner"] == "maml")!;
        Assert.Equal(("ICML 2017", "https://arxiv.org/abs/1703.03400"), ((string?)maml["venue"], (string?)maml["link"]));
    }

    [Fact]
    public void Listed_settings_are_a_configuration_file()
    {
        using var folder = new TemporaryFolder();
        var listed = DeuteroProcess.Run("list", "settings", "--json");
        File.WriteAllText(folder["run.json"], listed.Output);
        var outcome = DeuteroProcess.Run("evaluate", "-c", folder["run.json"], "--set", "learner=nearest-centroid", "--set", "evaluation.episodes=3", "--json");
        Assert.Equal(0, outcome.Code);
        Assert.Equal("NearestCentroid", (string?)outcome.Json["learner"]);
        Assert.Contains("training.checkpointSeconds", DeuteroProcess.Run("list", "settings").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_is_listed_without_a_topic()
    {
        var outcome = DeuteroProcess.Run("list");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.All((string[])["protonet", "conv4", "tiny-imagenet32", "reproduction"], name => Assert.Contains(name, outcome.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void A_damaged_data_file_is_found()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data", "splits"]);
        File.WriteAllText(folder["data", "splits", "class_splits.json"], "{}");
        foreach (var name in (string[][])[[], ["splits"]])
        {
            var outcome = DeuteroProcess.Run(["data", "verify", .. name, "--data", folder["data"], "--json"]);
            Assert.Equal(3, outcome.Code);
            Assert.Equal("damaged", (string?)Assert.Single(outcome.Json.AsArray())!["state"]);
        }

        Assert.Equal(3, DeuteroProcess.Run("data", "verify", "omniglot", "--data", folder["data"]).Code); // missing
        Assert.Equal(2, DeuteroProcess.Run("data", "verify", "omniglott", "--data", folder["data"]).Code);
        Assert.Equal(0, DeuteroProcess.Run("data", "list", "--data", folder["data"], "--json").Code);
    }

    [Fact]
    public void A_data_set_that_cannot_be_fetched_says_so_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run("data", "fetch", "splits", "--data", folder["data"]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("cannot be downloaded", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_doctor_finds_libtorch_and_measures()
    {
        var outcome = DeuteroProcess.Run("doctor", "--json");
        var checks = outcome.Json.AsArray().ToDictionary(row => (string)row!["check"]!, row => row!);
        Assert.Equal("ok", (string?)checks["libtorch"]["state"]);
        string[] expected = ["cores", "memory", "BLAS", "matrix product", "convolution", "libstb", "data sets", "cache", "CUDA devices"];
        Assert.All(expected, name => Assert.Contains(name, checks.Keys));
        Assert.Equal(checks.Values.Any(row => (string?)row["state"] == "missing") ? 3 : 0, outcome.Code);
    }

    [Fact]
    public void Without_libtorch_the_doctor_still_says_the_rest_and_the_remedy()
    {
        var outcome = DeuteroProcess.Run([("DEUTERO_NATIVE", "/etc/hostname")], "doctor");
        Assert.Equal(3, outcome.Code);
        Assert.Contains("apt-get install libtorch-dev", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("data sets", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3", FindingState.Ok)]
    [InlineData("/opt/intel/mkl/lib/libmkl_rt.so.2", FindingState.Ok)]
    [InlineData("/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblasp-r0.3.21.so", FindingState.Warning)]
    [InlineData("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", FindingState.Warning)]
    public void The_blas_is_told_by_the_library_that_is_loaded(string library, FindingState state)
    {
        var finding = Machine.BlasOf([$"7f0a0000-7f0b0000 r-xp 00000000 08:01 131   {library}", "7f0c0000-7f0d0000 rw-p 00000000 00:00 0"]);
        Assert.Equal(state, finding.State);
        Assert.Equal(state == FindingState.Warning, finding.Remedy.Contains("libopenblas0-openmp", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("trian", "did you mean train?")]
    [InlineData("train --ouput x", "did you mean --output?")]
    [InlineData("data fech omniglot", "did you mean fetch?")]
    [InlineData("data", "needs a command: list, fetch, verify")]
    [InlineData("train", "--output")]
    public void What_is_misspelt_or_missing_is_named_with_exit_code_2(string line, string said)
    {
        var outcome = DeuteroProcess.Run(line.Split(' '));
        Assert.Equal((2, ""), (outcome.Code, outcome.Output));
        Assert.Contains(said, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("train --help")]
    [InlineData("evaluate --help")]
    [InlineData("adapt --help")]
    [InlineData("list --help")]
    [InlineData("data fetch --help")]
    [InlineData("doctor --help")]
    public void Every_command_has_help_with_examples_and_exit_codes(string line)
    {
        var outcome = DeuteroProcess.Run(line.Split(' '));
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains("  deutero ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("3 a check failed   4 another process was lost   130 cancelled", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', outcome.Output);
    }

    [Fact]
    public void The_version_is_a_number() => Assert.StartsWith("0.", DeuteroProcess.Run("--version").Output, StringComparison.Ordinal);
}

using System.Text.Json.Nodes;
using Deutero.Cli.Runs;
using Deutero.Learners;

namespace Deutero.Cli.Tests.EndToEnd;

public sealed class MemoryTests
{
    // Deutero's malloc settings keep freed memory, whose fragmentation would hide some of the difference.
    private static readonly (string, string)[] s_plainMalloc = [("DEUTERO_MALLOC", "system")];

    // 20 more steps of 25 images of 28x28 through Conv4-64: the graphs are above 100 MB, the parameters after each step 9 MB.
    [Theory]
    [InlineData("full", 90, 200)]
    [InlineData("checkpointed", -20, 45)]
    [InlineData("first-order", -20, 45)]
    public void Memory_grows_with_the_steps_only_where_all_graphs_are_alive(string unrolling, int least, int most)
    {
        var growth = (Peak(22) - Peak(2)) / 1e6;
        Assert.InRange(growth, least, most);

        long Peak(int steps)
        {
            var outcome = DeuteroProcess.Run(s_plainMalloc, ["memory", "--json", .. Settings.Set(
                "learner=maml", "learner.innerRate=0.01", $"learner.steps={steps}", $"learner.unrolling={unrolling}", "training.metaBatch=1",
                "training.execution=loop", "training.threads=1", "episodes.shots=5", "episodes.queries=5")]);
            Assert.Equal(0, outcome.Code);
            return (long)outcome.Json["peakMemoryBytes"]!;
        }
    }

    [Fact]
    public void Training_within_a_budget_records_its_choice_and_keeps_it_when_it_resumes()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["train", "-o", folder["run"], .. Settings.Sinusoid(5), "--memory-budget", "4GiB"];
        var first = DeuteroProcess.Run(command);
        Assert.Equal(0, first.Code);
        Assert.Contains("training with full.", first.Error, StringComparison.Ordinal);

        var environment = JsonNode.Parse(File.ReadAllText(folder["run", "environment.json"]))!;
        Assert.Equal(("4GiB", "full"), ((string?)environment["memory"]!["budget"], (string?)environment["memory"]!["unrolling"]));
        Assert.InRange((long)environment["memory"]!["neededMemoryBytes"]!["full"]!, 30_000_000, 1_000_000_000);

        environment["memory"]!["unrolling"] = "checkpointed";
        File.WriteAllText(folder["run", "environment.json"], environment.ToJsonString());
        var again = DeuteroProcess.Run(command);
        Assert.Equal(0, again.Code);
        Assert.DoesNotContain("training with", again.Error, StringComparison.Ordinal);
        Assert.Equal("checkpointed", (string?)JsonNode.Parse(File.ReadAllText(folder["run", "environment.json"]))!["memory"]!["unrolling"]);
    }

    [Fact]
    public void Budget_that_nothing_fits_is_one_sentence_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], .. Settings.Sinusoid(5), "--memory-budget", "20MB"]);
        Assert.Equal((2, ""), (outcome.Code, outcome.Output));
        Assert.Matches("^The memory budget is 20MB but full needs [0-9]+ MiB and checkpointed needs [0-9]+ MiB; .*first-order", outcome.Sentence);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Theory]
    [InlineData("2gigs")]
    [InlineData("lots")]
    [InlineData("0GiB")]
    public void Budget_that_is_no_amount_is_refused(string budget)
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], "--memory-budget", budget]);
        Assert.Equal(2, outcome.Code);
        Assert.StartsWith($"training.memoryBudget is {budget}; it must be an amount such as 2GiB or 500MB", outcome.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_unrolling_is_refused_with_the_nearest_name()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run("train", "-o", folder["run"], "--set", "learner=maml", "--set", "learner.unrolling=checkpoint");
        Assert.Equal(2, outcome.Code);
        Assert.Contains("did you mean checkpointed?", outcome.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "learner": { "type": "maml", "unrolling": "first-order" } }""")]
    [InlineData("""{ "learner": { "type": "maml", "unrolling": { "type": "truncated", "steps": 3 } } }""")]
    [InlineData("""{ "learner": { "type": "maml", "unrolling": { "type": "checkpointed", "segment": 2 } } }""")]
    public void Unrolling_of_a_configuration_is_bound_and_written_back(string json)
    {
        var read = Run.Schema.Parse<RunConfiguration>(json, "run.json");
        var expected = json.Contains("first", StringComparison.Ordinal) ? (Unrolling)new Unrolling.FirstOrder()
            : json.Contains("steps", StringComparison.Ordinal) ? new Unrolling.Truncated { Steps = 3 } : new Unrolling.Checkpointed { Segment = 2 };
        Assert.Equal(expected, ((Maml)read.Learner).Unrolling);
        var written = Run.Schema.Parse<RunConfiguration>(Run.Schema.ToJson(read), "written");
        Assert.Equal(read.Learner, written.Learner);
        Assert.Equal(Run.Schema.ToJson(read), Run.Schema.ToJson(written)); // lists of a record are equal only where they are the same
    }
}

namespace Deutero.Cli.Tests.EndToEnd;

public sealed class SelectTests(TrainedRuns runs) : IClassFixture<TrainedRuns>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Selector_is_judged_beside_its_candidates_and_adapts_to_a_support_set()
    {
        var outcome = Select(runs.ProtoNet, runs.Maml, "nearest-centroid", "-o", _folder["selector.json"], "--episodes", "6", "--shots", "1", "3", "--json");
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(2, outcome.Json.AsArray().Count); // validation classes, and test classes
        foreach (var judged in outcome.Json.AsArray())
        {
            double Mean(string of) => (double)judged![of]!["mean"]!;
            Assert.Equal(12, (int)judged!["count"]!);
            Assert.Equal(12, judged["candidates"]!.AsArray().Sum(one => (int)one!["chosen"]!));
            Assert.Equal(judged["candidates"]!.AsArray().Max(one => (double)one!["mean"]!), Mean("singleBest"), 1e-9);
            Assert.Equal(judged["candidates"]!.AsArray().Average(one => (double)one!["mean"]!), Mean("average"), 1e-9);
            Assert.True(Mean("selector") <= Mean("virtualBest") + 1e-9 && Mean("singleBest") <= Mean("virtualBest") + 1e-9);
        }

        runs.WriteGlyphs(_folder["support"], 5, from: 0, count: 3, darkOnWhite: false);
        runs.WriteGlyphs(_folder["query"], 5, from: 5, count: 2, darkOnWhite: false);
        var adapted = DeuteroProcess.Run("adapt", _folder["selector.json"], "--support", _folder["support"], "--query", _folder["query"], "--json");
        Assert.True(adapted.Code == 0, adapted.Error);
        Assert.Contains("chosen: ", adapted.Error, StringComparison.Ordinal);
        Assert.Equal(10, adapted.Json["predictions"]!.AsArray().Count);
    }

    [Fact]
    public void High_price_of_time_chooses_the_cheapest_candidate()
    {
        var outcome = Select(runs.Maml, "nearest-centroid", "-o", _folder["cheap.json"], "--episodes", "4", "--shots", "1", "3", "--cost", "1000", "--json");
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(8, (int)outcome.Json[1]!["candidates"]![1]!["chosen"]!);
        runs.WriteGlyphs(_folder["support"], 3, from: 0, count: 2, darkOnWhite: false);
        var adapted = DeuteroProcess.Run("adapt", _folder["cheap.json"], "--support", _folder["support"], "--query", _folder["support"], "--json");
        Assert.True(adapted.Code == 0, adapted.Error);
        Assert.Equal("NearestCentroid", (string)adapted.Json["learner"]!);
    }

    [Fact]
    public void Candidates_that_cannot_be_are_refused_in_one_sentence()
    {
        Refused("has a last layer of fixed width, so leave --ways at 5", runs.Maml, runs.ProtoNet, "--ways", "3");
        Refused("A run folder is expected among the candidates", "nearest-centroid", "from-scratch");
        Refused("'nowhere' is neither a run folder nor a learner that needs no training", runs.ProtoNet, "nowhere");
        Refused("ProtoNet needs training", runs.Maml, "protonet");
        Refused("--sureness between 0.5 and 1", runs.Maml, runs.ProtoNet, "--sureness", "0.2");
        Refused("A selector is a .json file", runs.Maml, runs.ProtoNet, "-o", _folder["selector"]);
        File.WriteAllText(_folder["broken.json"], "{}");
        var adapted = DeuteroProcess.Run("adapt", _folder["broken.json"], "--support", "none", "--query", "none");
        Assert.Equal(2, adapted.Code);
        Assert.Contains("is not a selector as 'deutero select' writes it", adapted.Sentence, StringComparison.Ordinal);
    }

    private static DeuteroProcess.Outcome Select(params string[] arguments) => DeuteroProcess.Run(["select", .. arguments]);

    private static void Refused(string wanted, params string[] arguments)
    {
        var outcome = Select(arguments);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(wanted, outcome.Sentence, StringComparison.Ordinal);
    }
}

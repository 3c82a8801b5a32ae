namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>Learners that read the features of an earlier run's body, from the command line.</summary>
public sealed class EmbeddedItemsTests
{
    [Fact]
    public void A_learner_trains_on_the_features_of_a_body_and_predicts_as_on_the_items()
    {
        using var folder = new TemporaryFolder();
        var trained = DeuteroProcess.Run(["train", "-o", folder["body"], .. Settings.Glyphs("protonet", 3), .. Settings.Set("model.batchNorm=running")]);
        Assert.Equal(0, trained.Code);
        string[] embedded = Settings.Set($"data.body={folder["body"]}");

        // The body's own statistics make an item's features the same alone and in an episode.
        var (whole, split) = (DeuteroProcess.Run("evaluate", folder["body"], "--json"), DeuteroProcess.Run(["evaluate", "--json", .. Head("protonet"), .. embedded]));
        Assert.Equal((0, 0), (whole.Code, split.Code));
        Assert.Equal((double)whole.Json["mean"]!, (double)split.Json["mean"]!, 1e-6);

        var head = DeuteroProcess.Run(["train", "-o", folder["head"], "--json", .. Head("in-context-learner"), .. embedded]);
        Assert.Equal((0, 5), (head.Code, (int)head.Json["episodes"]!));
        var adapted = DeuteroProcess.Run("adapt", folder["head"], "--support", folder["none"], "--query", folder["none"]);
        Assert.Equal(2, adapted.Code);
        Assert.Contains("features of another run's body", adapted.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.name=sinusoid", "model=mlp", "leave it empty")]
    [InlineData("data.name=glyphs", "model=mlp", "nowhere")]
    public void A_body_that_cannot_read_the_items_is_refused_in_one_sentence(string first, string second, string wanted)
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], .. Settings.Set(first, second, "data.body=nowhere")]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(wanted, outcome.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void A_body_of_other_items_is_refused_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, DeuteroProcess.Run(["train", "-o", folder["curves"], .. Settings.Sinusoid(2)]).Code);
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], .. Head("in-context-learner"), .. Settings.Set($"data.body={folder["curves"]}")]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("does not read items of shape [1, 28, 28]", outcome.Sentence, StringComparison.Ordinal);
    }

    private static string[] Head(string learner) => Settings.Set(
        $"learner={learner}", "model=mlp", "model.hidden=[]", "episodes.queries=3", "training.metaBatch=2", "training.iterations=2", "training.validateEvery=0", "evaluation.episodes=5",
        "training.threads=1");
}

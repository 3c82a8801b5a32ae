using Deutero.Torch.Serialization;

namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>Meta-training without labels, from the command line.</summary>
public sealed class UnsupervisedTests
{
    [Fact]
    public void A_body_learned_from_views_makes_clusters_for_another_learner_and_serves_a_probe()
    {
        using var folder = new TemporaryFolder();
        string[] Train(string run, string learner, params string[] settings) =>
            ["train", "-o", folder[run], "--json", .. Settings.Glyphs(learner, 2), .. Settings.Set(settings)];
        var views = DeuteroProcess.Run(Train(
            "views", "sim-clr", "episodes.trainTasks=umtra", "episodes.trainTasks.augmentsSupport=true", "episodes.trainTasks.augmentation.shift=2",
            "episodes.trainWays=16", "episodes.trainQueries=1"));
        Assert.Equal((0, 5), (views.Code, (int)views.Json["episodes"]!));

        string[] clusters = ["episodes.trainTasks=cactus", "episodes.trainTasks.clusters=20", "episodes.trainTasks.partitions=2", $"episodes.trainTasks.body={folder["views"]}"];
        Assert.Equal(0, DeuteroProcess.Run(Train("clusters", "protonet", clusters)).Code);
        Assert.Equal(0, DeuteroProcess.Run(Train("again", "protonet", clusters)).Code);
        Assert.True(Load(folder["clusters", "model.safetensors"]).BitEquals(Load(folder["again", "model.safetensors"])));

        Assert.Equal(0, DeuteroProcess.Run(Train("probe", "linear-probe", $"startFrom={folder["views"]}")).Code);
        var (body, probe) = (Load(folder["views", "model.safetensors"]), Load(folder["probe", "model.safetensors"]));
        Assert.Equal(12, probe.Names.Count);
        Assert.All(probe, item => Assert.True(item.Value.BitEquals(body[item.Key]), item.Key));
    }

    [Fact]
    public void A_body_is_pre_trained_on_rotations()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(
            ["train", "-o", folder["run"], "--json", .. Settings.Glyphs("classifier-baseline", 2), .. Settings.Set("episodes.trainTasks=rotations", "episodes.trainBatch=8")]);
        Assert.Equal(0, outcome.Code);
        Assert.Equal([4, 8], Load(folder["run", "model.safetensors"])["theta.head.weight"].Shape);
    }

    [Theory]
    [InlineData("episodes.trainShots=1", "learner=protonet", "episodes.trainTasks=rotations", "episodes.trainBatch")]
    [InlineData("episodes.trainShots=5", "learner=protonet", "episodes.trainTasks=umtra", "episodes.trainShots=1")]
    [InlineData("episodes.trainBatch=8", "learner=protonet", "episodes.trainTasks=cactus", "leave it at 0")]
    [InlineData("episodes.trainShots=1", "learner=sim-clr", "episodes.trainTasks=umtra", "episodes.trainQueries=1")]
    [InlineData("episodes.trainTasks.body=nowhere", "learner=protonet", "episodes.trainTasks=cactus", "nowhere holds no model")]
    [InlineData("episodes.trainWays=40", "learner=protonet", "episodes.trainTasks.clusters=20", "between the 40 ways", "episodes.trainTasks=cactus")]
    public void Tasks_that_cannot_be_are_refused_in_one_sentence(string first, string second, string third, string wanted, string? before = null)
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], .. Settings.Set([.. before is null ? Array.Empty<string>() : [before], third, second, first])]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(wanted, outcome.Sentence, StringComparison.Ordinal);
    }

    private static Torch.Parameters Load(string path) => SafetensorsParameters.Load(path).Parameters;
}

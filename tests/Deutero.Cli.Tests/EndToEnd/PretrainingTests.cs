using Deutero.Torch.Serialization;

namespace Deutero.Cli.Tests.EndToEnd;

public sealed class PretrainingTests
{
    [Fact]
    public void A_body_is_pre_trained_on_all_classes_and_keeps_its_bits_in_transfer()
    {
        using var folder = new TemporaryFolder();
        string[] Train(string run, string learner, params string[] settings) =>
            ["train", "-o", folder[run], "--json", .. Settings.Glyphs(learner, 3), .. Settings.Set(settings)];
        var body = DeuteroProcess.Run(Train("body", "classifier-baseline", "episodes.trainBatch=16"));
        Assert.Equal((0, 5), (body.Code, (int)body.Json["episodes"]!));
        Assert.Equal(0, DeuteroProcess.Run(Train("transfer", "meta-transfer", $"startFrom={folder["body"]}")).Code);
        var (before, after) = (Load(folder["body", "model.safetensors"]), Load(folder["transfer", "model.safetensors"]));
        Assert.Equal(12, before.Names.Count(after.Contains));
        Assert.All(before.Where(item => after.Contains(item.Key)), item => Assert.True(item.Value.BitEquals(after[item.Key]), item.Key));

        var adapted = DeuteroProcess.Run("adapt", folder["body"], "--support", folder["none"], "--query", folder["none"]);
        Assert.Equal(2, adapted.Code);
        Assert.Contains("pre-trained body", adapted.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_classifier_of_base_classes_refuses_episodes_whose_labels_change()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run("train", "-o", folder["run"], "--set", "learner=classifier-baseline");
        Assert.Equal(2, outcome.Code);
        Assert.Contains("episodes.trainBatch", outcome.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void Tadam_is_co_trained_on_all_classes_and_adapts_to_any_of_them_afterwards()
    {
        using var folder = new TemporaryFolder();
        string[] Train(params string[] settings) => ["train", "-o", folder["run"], "--json", .. Settings.Glyphs("tadam", 2), .. Settings.Set(settings)];
        Assert.Contains("episodes.coTrainBatch", DeuteroProcess.Run(Train("learner.classes=3")).Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
        var refused = DeuteroProcess.Run(Train("learner.classes=3", "episodes.coTrainBatch=16"));
        Assert.Equal(2, refused.Code);
        Directory.Delete(folder["run"], recursive: true);
        var classes = refused.Error.Split("set learner.classes=")[1].TrimEnd('.', '\n');
        var trained = DeuteroProcess.Run(Train($"learner.classes={classes}", "episodes.coTrainBatch=16"));
        Assert.Equal((0, 5), (trained.Code, (int)trained.Json["episodes"]!));
        Assert.Equal(classes, $"{Load(folder["run", "model.safetensors"])["theta.classifier.bias"].Count}");
        var data = DeuteroProcess.Run("data", "export", "glyphs", "--split", "test", "--classes", "3", "--images", "2", "--queries", "1", "--output", folder["task"]);
        Assert.Equal(0, data.Code);
        Assert.Equal(0, DeuteroProcess.Run("adapt", folder["run"], "--support", folder["task", "support"], "--query", folder["task", "query"]).Code);
    }

    private static Torch.Parameters Load(string path) => SafetensorsParameters.Load(path).Parameters;
}

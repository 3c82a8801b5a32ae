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

    private static Torch.Parameters Load(string path) => SafetensorsParameters.Load(path).Parameters;
}

using Deutero.Data;

namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>Episodes of Meta-Dataset's rules, of several data sets, and of a given list.</summary>
public sealed class EpisodeSourceTests
{
    [Fact]
    public void Several_data_sets_are_trained_on_and_each_has_a_figure()
    {
        using var folder = new TemporaryFolder();
        foreach (var split in (string[])["train", "val", "test"])
        {
            var from = split == "val" ? "validation" : split;
            Assert.Equal(0, DeuteroProcess.Run("data", "export", "glyphs", "--split", from, "--classes", "6", "--images", "4", "--queries", "0", "-o", folder["own", split]).Code);
        }

        string[] settings = Settings.Set(
            "data.name=meta-dataset", $"data.sources=glyphs,folder:{folder["own"]}", "episodes.sampling=meta-dataset", "model.filters=4", "training.metaBatch=2",
            "training.iterations=2", "training.validateEvery=2", "training.validationEpisodes=4", "training.threads=1", "evaluation.episodes=12");
        var trained = DeuteroProcess.Run(["train", "-o", folder["run"], "--json", .. settings]);
        Assert.Equal(0, trained.Code);
        var sources = trained.Json["sources"]!.AsArray();
        Assert.Equal(2, sources.Count);
        Assert.Equal(12, sources.Sum(source => (int)source!["episodes"]!));

        var unseen = DeuteroProcess.Run(["evaluate", folder["run"], .. Settings.Set("data.sources=glyphs", $"data.testSources=folder:{folder["own"]}", "evaluation.episodes=3")]);
        Assert.Equal(0, unseen.Code);
        Assert.Contains("Meta-Dataset's rules, 3 episodes", unseen.Output, StringComparison.Ordinal);

        var calibrated = DeuteroProcess.Run("calibrate", folder["run"]);
        Assert.Equal(2, calibrated.Code);
        Assert.Contains("trained on several", calibrated.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_beside_a_folder_of_images_name_classes_without_and_with_examples()
    {
        using var folder = new TemporaryFolder();
        foreach (var (split, from) in ((string, string)[])[("train", "train"), ("val", "validation"), ("test", "test")])
        {
            Assert.Equal(0, DeuteroProcess.Run("data", "export", "glyphs", "--split", from, "--classes", "6", "--images", "4", "--queries", "0", "-o", folder["own", split]).Code);
        }

        var classes = Directory.EnumerateDirectories(folder["own"]).SelectMany(Directory.EnumerateDirectories).Select(path => Path.GetFileName(path)).ToArray();
        File.WriteAllLines(folder["classes.csv"], ["class,a,b,c", .. classes.Select((name, i) => $"{name},{i},{i * i},{i % 2}")]);
        string[] settings = Settings.Set(
            $"data.name=folder:{folder["own"]}", $"data.attributes={folder["classes.csv"]}", "learner.attributes=3", "model.filters=4", "episodes.queries=3", "training.metaBatch=2",
            "training.iterations=2", "training.validateEvery=2", "training.validationEpisodes=4", "training.threads=1", "evaluation.episodes=6");
        var without = DeuteroProcess.Run(["train", "-o", folder["zero"], "--json", .. Settings.Set("learner=zero-shot-protonet", "episodes.shots=0"), .. settings]);
        Assert.Equal(0, without.Code);
        Assert.Contains("5-way 0-shot", (string?)without.Json["source"], StringComparison.Ordinal);
        Assert.Equal(0, DeuteroProcess.Run(["train", "-o", folder["both"], .. Settings.Set("learner=cross-modal-protonet"), .. settings]).Code);
        Assert.Equal(0, DeuteroProcess.Run(["train", "-o", folder["matched"], .. Settings.Set("learner=cross-modal-matching"), .. settings]).Code);
    }

    [Theory]
    [InlineData("episodes.shots=0", "set data.attributes and learner=zero-shot-protonet (found ProtoNet)")]
    [InlineData("learner=cross-modal-protonet", "CrossModalProtoNet needs attributes of the classes, but the support set has none: set data.attributes")]
    [InlineData("data.name=sinusoid,data.attributes=class-names", "data.attributes describes classes, but sinusoid has none")]
    [InlineData("data.attributes=nowhere.csv", "There is no file nowhere.csv")]
    public void Attributes_that_are_missing_or_misplaced_are_refused_in_one_sentence(string settings, string part)
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], .. Settings.Set(settings.Split(','))]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(part, outcome.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_last_layer_of_a_fixed_width_is_refused_where_ways_vary()
    {
        using var folder = new TemporaryFolder();
        var outcome = DeuteroProcess.Run(["train", "-o", folder["run"], .. Settings.Set("learner=maml", "episodes.sampling=meta-dataset")]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("Maml has a last layer for a fixed number of ways", outcome.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void A_network_of_synthetic_tables_is_asked_about_real_ones_beside_its_neighbours()
    {
        var location = DataLocation.Resolve();
        Assert.SkipWhen(location.TryFind(DataSets.UciArff, [.. DataSets.UciArff.Files.Select(file => file.Name)]) is null, "The UCI tables are not on this machine.");
        using var folder = new TemporaryFolder();
        string[] shape = ["episodes.ways=2", "episodes.shots=10", "episodes.queries=10", "evaluation.episodes=40", "training.threads=1", "model=mlp"];
        var trained = DeuteroProcess.Run(
        [
            "train", "-o", folder["prior"], .. Settings.Set([.. shape, "data.name=synthetic-tables", "learner=in-context-learner", "training.iterations=2", "training.metaBatch=2", "training.validateEvery=0"]),
        ]);
        Assert.True(trained.Code == 0, trained.Error);
        var real = DeuteroProcess.Run("evaluate", folder["prior"], "--json", "--set", "data.name=uci");
        Assert.True(real.Code == 0, real.Error);
        Assert.True(real.Json["sources"]!.AsArray().Count > 3); // a figure for each table
        var centroid = DeuteroProcess.Run(["evaluate", "--json", .. Settings.Set([.. shape, "data.name=uci", "learner=nearest-centroid"])]);
        Assert.Equal((string)real.Json["episodeHash"]!, (string)centroid.Json["episodeHash"]!);
        Assert.InRange((double)centroid.Json["mean"]!, 0.6, 0.95);
    }

    [Fact]
    public void Lakes_runs_are_evaluated_on_as_they_are_and_other_shapes_are_refused()
    {
        var location = DataLocation.Resolve();
        Assert.SkipWhen(location.TryFind(DataSets.Omniglot, [.. DataSets.Omniglot.Files.Select(file => file.Name)]) is null, "Omniglot is not on this machine.");
        string[] settings = Settings.Set("data.name=omniglot-one-shot", "learner=nearest-centroid", "episodes.sampling=within-groups", "episodes.queries=5");
        var refused = DeuteroProcess.Run(["evaluate", .. settings]);
        Assert.Equal(2, refused.Code);
        Assert.Contains("episodes.ways=20, episodes.shots=1 and evaluation.episodes=20 (found 5, 1 and 600)", refused.Sentence, StringComparison.Ordinal);

        var outcome = DeuteroProcess.Run(["evaluate", .. settings, .. Settings.Set("episodes.ways=20", "evaluation.episodes=20"), "--json"]);
        Assert.Equal(0, outcome.Code);
        Assert.Equal("omniglot/one-shot-runs", (string?)outcome.Json["source"]);
        Assert.InRange((double)outcome.Json["mean"]!, 0.1, 0.3); // pixels alone: people reach 0.955
    }
}

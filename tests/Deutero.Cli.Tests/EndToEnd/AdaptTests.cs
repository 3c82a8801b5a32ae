using System.Text.Json.Nodes;
using Deutero.Torch.Imaging;

namespace Deutero.Cli.Tests.EndToEnd;

public sealed class AdaptTests(TrainedRuns runs) : IClassFixture<TrainedRuns>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Classes_of_an_unseen_script_are_told_apart()
    {
        Write(classes: 7, darkOnWhite: true);
        var outcome = Adapt(runs.ProtoNet, "--json");
        Assert.Equal(0, outcome.Code);
        Assert.Equal(7, outcome.Json["classes"]!.AsArray().Count);
        Assert.Equal(7 * (5 + 4), (int)outcome.Json["inverted"]!);
        Assert.InRange((double)outcome.Json["accuracy"]!, 0.4, 1); // chance is 0.14 ± 0.07
        Assert.StartsWith("Episode", (string?)outcome.Json["batchNorm"], StringComparison.Ordinal);
        Assert.All(outcome.Json["predictions"]!.AsArray(), one => Assert.Equal(1, Probabilities(one!).Sum(), 6));
        Assert.All(outcome.Json["predictions"]!.AsArray(), one => Assert.Equal((double)one!["probability"]!, Probabilities(one!).Max()));
        Assert.Contains("inverted 63", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ink_on_paper_and_ink_on_a_dark_ground_give_the_same_predictions()
    {
        Write(classes: 3, darkOnWhite: true);
        runs.WriteGlyphs(_folder["dark"], 3, from: 5, count: 4, darkOnWhite: false);
        var paper = Predictions(Adapt(runs.ProtoNet, "--json"));
        var dark = Predictions(Ask(runs.ProtoNet, _folder["dark"], "--json"));
        Assert.Equal(12, paper.Length);
        Assert.All(paper.Zip(dark), pair => Assert.All(pair.First.Zip(pair.Second), values => Assert.Equal(values.First, values.Second, tolerance: 1e-4)));

        var wrong = Predictions(Ask(runs.ProtoNet, _folder["dark"], "--json", "--invert", "no"));
        Assert.Contains(dark.Zip(wrong), pair => Math.Abs(pair.First[0] - pair.Second[0]) > 0.01);
    }

    [Fact]
    public void A_prediction_does_not_depend_on_the_other_queries()
    {
        Write(classes: 3, darkOnWhite: true);
        var all = Adapt(runs.ProtoNet, "--json").Json["predictions"]![5]!;
        var alone = Ask(runs.ProtoNet, (string)all["file"]!, "--json").Json["predictions"]![0]!;
        Assert.Equal(all.ToJsonString(), alone.ToJsonString());
    }

    [Fact]
    public void A_gradient_learner_adapts_to_as_many_classes_as_it_was_trained_with()
    {
        Write(classes: 5, darkOnWhite: true);
        var outcome = Adapt(runs.Maml);
        Assert.Equal(0, outcome.Code);
        Assert.Contains("class4", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("accuracy:", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_of_fixed_width_refuses_another_number_of_classes()
    {
        Write(classes: 7, darkOnWhite: true);
        var outcome = Adapt(runs.Maml);
        Assert.Equal(2, outcome.Code);
        Assert.StartsWith("This model classifies 5 ways but the support set has 7 classes", outcome.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Large_images_in_colour_on_a_transparent_ground_are_read_as_ink_on_paper()
    {
        Write(classes: 2, darkOnWhite: true);
        var pixels = new byte[100 * 60 * 4];
        for (var i = 0; i < pixels.Length; i += 4)
        {
            pixels[i + 3] = (byte)(i / 4 % 100 is > 40 and < 60 ? 255 : 0); // a black bar; elsewhere black that cannot be seen
        }

        File.WriteAllBytes(_folder["bar.png"], new Image(100, 60, 4, pixels).EncodePng());
        var outcome = Ask(runs.ProtoNet, _folder["bar.png"], "--json");
        Assert.Equal(0, outcome.Code);
        Assert.Equal(11, (int)outcome.Json["inverted"]!);
    }

    [Fact]
    public void What_cannot_be_adapted_to_is_refused_in_one_sentence()
    {
        Write(classes: 2, darkOnWhite: true);
        Directory.CreateDirectory(_folder["empty"]);
        Directory.CreateDirectory(_folder["single", "only"]);
        File.WriteAllText(_folder["broken.png"], "no image");
        Refused(runs.ProtoNet, _folder["empty"], _folder["query"], "0 class folder(s): at least 2");
        Refused(runs.ProtoNet, _folder["single"], _folder["query"], "1 class folder(s): at least 2");
        Refused(runs.ProtoNet, _folder["support"], _folder["empty"], "holds no PNG or JPEG");
        Refused(runs.ProtoNet, _folder["support"], _folder["broken.png"], "neither a PNG nor a JPEG");
        Refused(runs.ProtoNet, _folder["support"], _folder["absent"], "no file or folder");
        Refused(_folder["support"], _folder["support"], _folder["query"], "is not a run folder");

        Directory.CreateDirectory(_folder["untrained"]);
        File.Copy(Path.Combine(runs.ProtoNet, "configuration.json"), _folder["untrained", "configuration.json"]);
        Refused(_folder["untrained"], _folder["support"], _folder["query"], "holds no model.safetensors");
        File.Copy(Path.Combine(runs.Maml, "model.safetensors"), _folder["untrained", "model.safetensors"]);
        Refused(_folder["untrained"], _folder["support"], _folder["query"], "does not belong to");
        File.WriteAllText(_folder["support", "class0", "notes.txt"], "");
        Refused(runs.ProtoNet, _folder["support"], _folder["query"], "notes.txt is not a .png");
    }

    private static double[] Probabilities(JsonNode prediction) => [.. prediction["probabilities"]!.AsObject().Select(pair => (double)pair.Value!)];

    private static double[][] Predictions(DeuteroProcess.Outcome outcome) =>
        [.. outcome.Json["predictions"]!.AsArray().Select(one => Probabilities(one!))];

    private static void Refused(string run, string support, string query, string said)
    {
        var outcome = DeuteroProcess.Run("adapt", run, "--support", support, "--query", query);
        Assert.Equal((2, ""), (outcome.Code, outcome.Output));
        Assert.Contains(said, outcome.Sentence, StringComparison.Ordinal);
    }

    private void Write(int classes, bool darkOnWhite)
    {
        runs.WriteGlyphs(_folder["support"], classes, from: 0, count: 5, darkOnWhite);
        runs.WriteGlyphs(_folder["query"], classes, from: 5, count: 4, darkOnWhite);
    }

    private DeuteroProcess.Outcome Adapt(string run, params string[] options) => Ask(run, _folder["query"], options);

    private DeuteroProcess.Outcome Ask(string run, string query, params string[] options) =>
        DeuteroProcess.Run(["adapt", run, "--support", _folder["support"], "--query", query, .. options]);
}

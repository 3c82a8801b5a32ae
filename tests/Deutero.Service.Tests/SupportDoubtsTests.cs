using Deutero.Client;
using Deutero.Edge;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Service.Models;
using Deutero.Torch;

namespace Deutero.Service.Tests;

public sealed class SupportDoubtsTests
{
    [Fact]
    public void An_ordinary_support_set_is_not_doubted()
    {
        using var model = Small.ProtoNet();
        Assert.Empty(model.Doubts(Small.Support(3, 3)));
    }

    [Fact]
    public void The_same_picture_twice_even_a_little_paler_is_found_with_its_place()
    {
        using var model = Small.ProtoNet();
        var support = Small.Support(3, 2);
        float[] paler = [.. support[0].Examples[1].Select(value => 0.97f * value)];
        support[0] = support[0] with { Examples = [.. support[0].Examples, paler] };
        support[2] = support[2] with { Examples = [.. support[2].Examples, support[1].Examples[0]] };
        Assert.Equal(
            [
                "Example 3 of class 'class0' is all but the same as example 2.",
                "Example 3 of class 'class2' is all but the same as example 1 of class 'class1': one of them is in the wrong class.",
            ],
            model.Doubts(support).Select(doubt => doubt.Kind == DoubtKind.Duplicates ? doubt.Text : $"{doubt}"));
    }

    [Fact]
    public void Lopsided_classes_are_found()
    {
        using var model = Small.ProtoNet();
        SupportClass[] support = [Small.Support(1, 5)[0], Small.Support(2, 1)[1]];
        Assert.Equal("Class 'class0' has 5 examples but class 'class1' only 1: answers may lean towards the larger one.", Assert.Single(model.Doubts(support)).Text);
        support[1] = Small.Support(2, 2)[1];
        Assert.Empty(model.Doubts(support));
    }

    [Fact]
    public void An_example_in_the_wrong_class_and_one_of_another_kind_are_found()
    {
        using var glyphs = Small.Calibrated();
        var calibration = glyphs.Calibration! with { Disagreement = 1, Seen = new([5, 5], [5, 5], 3) };
        using var model = new AdaptationModel(new NearestCentroid(), new Mlp().WithShape([2], 0), Parameters.Empty, new([2], null)) { Calibration = calibration };
        SupportClass[] support = [new("a", [[0, 0], [0, 1], [1, 0]]), new("b", [[10, 10], [10, 11], [0.5f, 0.5f]]), new("c", [[60, 60]])];
        Assert.Equal(
            [(DoubtKind.Disagree, "Example 3 of class 'b'"), (DoubtKind.Far, "Example 1 of class 'c'")],
            model.Doubts(support).Select(doubt => (doubt.Kind, doubt.Text[..22])));

        // Of b's 1, 10, 11 and 25: the first is 0.9 from a's mean and (46/3 - 1) from that of its own class's others.
        SupportClass[] line = [new("a", [[0, 0], [0, 0.2f]]), new("b", [[0, 1], [0, 10], [0, 11], [0, 25]])];
        Assert.Equal(Math.Pow((46 / 3.0 - 1) / 0.9, 2), model.Embedding!.Disagreements(line)[2]!.Value, 3);
        Assert.Null(model.Embedding.Disagreements([line[0] with { Examples = [[0, 0]] }, line[1]])[0]);
    }

    [Fact]
    public void A_picture_of_another_kind_is_found()
    {
        using var model = Small.Calibrated();
        var support = Small.Support(3, 2);
        support[2] = support[2] with { Examples = [.. support[2].Examples, new float[784]] };
        Assert.Equal("Example 3 of class 'class2' is unlike anything that the model was trained on.", Assert.Single(model.Doubts(support), doubt => doubt.Kind == DoubtKind.Far).Text);
    }

    [Fact]
    public async Task Doubts_are_warnings_in_the_answer_and_refusals_where_the_policy_says_so()
    {
        var twice = RunningService.Classes(2, 0, 2);
        twice[0] = twice[0] with { Examples = [.. twice[0].Examples, twice[0].Examples[0]] };
        await using (var lenient = await RunningService.Start())
        {
            var (status, made) = await lenient.Post("/v1/adaptations", new NewAdaptation("glyphs", twice));
            Assert.Equal(201, status);
            Assert.Contains("all but the same", (string?)Assert.Single(made["warnings"]!.AsArray()), StringComparison.Ordinal);
            var (_, changed) = await lenient.Post($"/v1/adaptations/{(string?)made["id"]}/versions", new Change(RemoveExamples: [3]));
            Assert.Empty(changed["warnings"]!.AsArray());
        }

        await using var strict = await RunningService.Start(settings: settings => settings with { Refuse = [DoubtKind.Duplicates] });
        var (refused, problem) = await strict.Post("/v1/adaptations", new NewAdaptation("glyphs", twice));
        Assert.Equal((422, "urn:deutero:problem:doubtful-support-set"), (refused, (string?)problem["type"]));
        var id = await strict.Create(2, 2);
        Assert.Equal(422, (await strict.Post($"/v1/adaptations/{id}/versions", new Change([new("class0", [.. RunningService.Items(0, 0, 1)])]))).Status);
        Assert.Equal(1, (int)(await strict.Get($"/v1/adaptations/{id}")).Body["version"]!);
    }

    [Fact]
    public async Task A_calibrated_model_abstains_below_its_threshold_or_that_of_the_request()
    {
        await using var service = await RunningService.Start(models: new ServedModel("glyphs", "0", Small.Calibrated(), new("glyphs", "", "", 0, 0, 0, "", "")));
        var id = await service.Create(3, 2);
        var (_, body) = await service.Post($"/v1/adaptations/{id}/predictions", new NewPredictions([.. RunningService.Items(0, 10, 1)], Threshold: -1e9));
        Assert.True((bool)body["calibrated"]!);
        Assert.False((bool)body["results"]![0]!["abstained"]!);
        Assert.NotNull(body["results"]![0]!["class"]);
        (_, body) = await service.Post($"/v1/adaptations/{id}/predictions", new NewPredictions([.. RunningService.Items(0, 10, 1)], Threshold: 1e9));
        Assert.True((bool)body["results"]![0]!["abstained"]!);
        Assert.Null(body["results"]![0]!["class"]);
    }
}

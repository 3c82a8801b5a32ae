using Deutero.Client;
using Deutero.Edge;

namespace Deutero.Service.Tests;

public sealed class ExplanationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Influence_is_what_leaving_an_example_out_changes(bool metric)
    {
        using var model = metric ? Small.ProtoNet() : Small.Maml(3);
        var (support, item) = (Small.Support(3, 2), Small.Glyph(37, 9));
        var explanation = model.Explain(support, item, cancellation: TestContext.Current.CancellationToken);
        using var whole = model.Adapt(support);
        Assert.Equal(whole.Predict(item).Probabilities, explanation.Prediction.Probabilities);
        Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)], explanation.Examples.Select(one => (one.Class, one.Example)));

        SupportClass[] without = [support[0], support[1] with { Examples = [support[1].Examples[1]] }, support[2]];
        using var adapted = model.Adapt(without);
        var expected = Math.Log(explanation.Prediction.Probability) - Math.Log(adapted.Predict(item).Probabilities[explanation.Prediction.Class]);
        Assert.Equal(expected, explanation.Examples[2].Influence!.Value, 9);
        Assert.NotEqual(0, expected);
    }

    [Fact]
    public void The_only_example_of_another_class_is_left_out_with_its_class_and_that_of_the_answer_cannot_be()
    {
        using var model = Small.ProtoNet();
        var (support, item) = (Small.Support(3, 1), Small.Glyph(37, 9));
        var explanation = model.Explain(support, item, cancellation: TestContext.Current.CancellationToken);
        var answer = explanation.Prediction.Class;
        Assert.Null(explanation.Examples[answer].Influence);
        var other = answer == 0 ? 1 : 0;
        using var adapted = model.Adapt([.. support.Where((_, label) => label != other)]);
        var probability = adapted.Predict(item).Probabilities[answer - (other < answer ? 1 : 0)];
        Assert.Equal(Math.Log(explanation.Prediction.Probability) - Math.Log(probability), explanation.Examples[other].Influence!.Value, 9);

        using var fixedWays = Small.Maml(3);
        Assert.All(fixedWays.Explain(support, item, cancellation: TestContext.Current.CancellationToken).Examples, one => Assert.Null(one.Influence));
    }

    [Fact]
    public void Influence_is_finite_where_a_probability_is_too_small_for_a_number()
    {
        double[] logits = [0, -2000, -3];
        Assert.Equal(0, Answers.Softmax(logits, 1)[1]);
        Assert.Equal(-2000 - Math.Log(1 + Math.Exp(-3)), Answers.LogProbability(logits, 1, 1), 9);
        Assert.Equal(Math.Log(Answers.Softmax(logits, 2)[2]), Answers.LogProbability(logits, 2, 2), 12);

        // The item itself is an example of a class whose other example is another class's: without it the answer changes, at a temperature where every answer is sure.
        var item = Small.Glyph(0, 0);
        SupportClass[] support = [new("a", [item, Small.Glyph(74, 0)]), new("b", [Small.Glyph(0, 1), Small.Glyph(0, 2)])];
        using var model = Small.WithStatistics(new Deutero.Learners.ProtoNet(), calibration: Small.Calibration with { Temperature = 1e-9 });
        var explanation = model.Explain(support, item, cancellation: TestContext.Current.CancellationToken);
        Assert.All(explanation.Examples, one => Assert.True(double.IsFinite(one.Influence!.Value), $"{one}"));
        Assert.Contains(explanation.Examples, one => Math.Abs(one.Influence!.Value) > 1000);
    }

    [Fact]
    public void Changes_name_the_parameters_that_the_inner_loop_moved()
    {
        using var maml = Small.Maml(3);
        var changes = maml.Explain(Small.Support(3, 2), Small.Glyph(0, 9), cancellation: TestContext.Current.CancellationToken).Changes!;
        Assert.Equal(maml.Theta.Names, changes.Select(change => change.Name));
        Assert.All(changes, change => Assert.True(change.Norm > 0, change.Name));
        Assert.Null(changes[^1].Relative); // a bias that began at 0
        Assert.All(changes.SkipLast(1).Where(change => change.Name.EndsWith("weight", StringComparison.Ordinal)), change => Assert.InRange(change.Relative!.Value, 1e-6, 2));
        using var metric = Small.ProtoNet();
        Assert.Null(metric.Explain(Small.Support(3, 2), Small.Glyph(0, 9), cancellation: TestContext.Current.CancellationToken).Changes);
    }

    [Fact]
    public void The_map_keeps_the_distances_of_points_in_a_plane()
    {
        double[][] points = [[0, 0, 1], [3, 0, 1], [0, 4, 1], [3, 4, 1], [-2, 1, 1]];
        var (mapped, share) = PrincipalComponents.Of(points);
        Assert.Equal(1, share, 12);
        for (var i = 0; i < points.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (x, y) = (mapped[i].X - mapped[j].X, mapped[i].Y - mapped[j].Y);
                Assert.Equal(Embedding.Squared(points[i], points[j]), (x * x) + (y * y), 9);
            }
        }

        Assert.True(mapped.Max(point => Math.Abs(point.X)) > mapped.Max(point => Math.Abs(point.Y))); // the first component varies most
        var (flat, shown) = PrincipalComponents.Of([[1, 1], [1, 1]]);
        Assert.Equal(1, shown);
        Assert.All(flat, point => Assert.Equal((0, 0), point));
    }

    [Fact]
    public async Task The_service_names_the_examples_nearest_first()
    {
        await using var service = await RunningService.Start(settings: settings => settings with { MaxExplainedExamples = 6 });
        var id = await service.Create(3, 2);
        var (status, body) = await service.Post($"/v1/adaptations/{id}/explanations", new NewExplanation(RunningService.Items(37, 0, 1).Single()));
        Assert.True(status == 200, body.ToJsonString());
        var examples = body["examples"]!.AsArray();
        Assert.Equal([1, 2, 3, 4, 5, 6], examples.Select(one => (long)one!["id"]!).Order());
        Assert.Equal((3, "class1"), ((long)examples[0]!["id"]!, (string?)examples[0]!["class"])); // the item is this example
        Assert.Equal(0, (double)examples[0]!["distance"]!, 6);
        double[] distances = [.. examples.Select(one => (double)one!["distance"]!)];
        Assert.Equal(distances.Order(), distances);
        Assert.Equal((double)examples[0]!["x"]!, (double)body["map"]!["x"]!, 6);
        Assert.Equal("class1", (string?)body["prediction"]!["class"]);
        Assert.Null(body["changes"]);

        await service.Post($"/v1/adaptations/{id}/versions", new Change([new("class0", [.. RunningService.Items(0, 7, 1)])]));
        var (refused, problem) = await service.Post($"/v1/adaptations/{id}/explanations", new NewExplanation(RunningService.Items(37, 0, 1).Single()));
        Assert.Equal(400, refused);
        Assert.Contains("has 7 examples; answers are explained with at most 6", (string?)problem["detail"], StringComparison.Ordinal);
        Assert.Equal(200, (await service.Post($"/v1/adaptations/{id}/explanations", new NewExplanation(RunningService.Items(37, 0, 1).Single(), Version: 1))).Status);
    }
}

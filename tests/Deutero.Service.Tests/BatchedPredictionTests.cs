using Deutero.Client;
using Deutero.Edge;
using Deutero.Torch;

namespace Deutero.Service.Tests;

public sealed class BatchedPredictionTests
{
    private static readonly float[][] s_items = [.. Enumerable.Range(0, 64).Select(i => Small.Glyph(37 * (i % 7), 10 + (i / 7)))];

    public static TheoryData<int, bool> Threaded => new(from threads in (int[])[1, 2] from other in (bool[])[false, true] select (threads, other));

    [Theory]
    [MemberData(nameof(Threaded))]
    public void Embeddings_of_several_adaptations_in_one_pass_change_no_bit_of_a_prediction(int threads, bool twoClassifiers)
    {
        Threads.SetForThisThread(threads);
        using var model = Small.WithStatistics();
        using var five = model.Adapt(Small.Support(5, 5));
        using var three = model.Adapt(Small.Support(3, 1));
        Assert.True(model.ItemsApart);
        Assert.True(model.SharesEmbedding);
        AdaptedClassifier Asked(int i) => twoClassifiers && i % 2 == 1 ? three : five;
        var alone = s_items.Select((item, i) => Asked(i).Predict(item).Probabilities).ToArray();
        foreach (var count in (int[])[2, 3, 4, 5, 7, 8, 16, 31, 64])
        {
            var together = AdaptedClassifier.Predict([.. s_items.Take(count).Select((item, i) => (Asked(i), item))]);
            Assert.Equal(alone.Take(count), together.Select(prediction => prediction.Probabilities));
        }
    }

    [Theory]
    [InlineData(false, 8)] // plain operators
    [InlineData(true, 8)]
    [InlineData(true, 64)]
    public void Other_models_in_one_pass_round_by_less_than_a_hundred_thousandth(bool maml, int filters)
    {
        using var model = Small.WithStatistics(maml, filters);
        using var adapted = model.Adapt(Small.Support(5, 2));
        Assert.Equal(!maml, model.SharesEmbedding);
        var together = AdaptedClassifier.Predict([.. s_items.Select(item => (adapted, item))]);
        foreach (var (item, prediction) in s_items.Zip(together))
        {
            Assert.All(adapted.Predict(item).Probabilities.Zip(prediction.Probabilities), pair => Assert.InRange(pair.First - pair.Second, -1e-5, 1e-5));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Items_that_BatchNorm_would_mix_are_predicted_one_by_one(bool maml)
    {
        using var model = maml ? Small.Maml(3) : Small.ProtoNet();
        using var adapted = model.Adapt(Small.Support(3, 2));
        Assert.False(model.ItemsApart);
        var together = AdaptedClassifier.Predict([.. s_items.Select(item => (adapted, item))]);
        Assert.Equal(s_items.Select(item => adapted.Predict(item).Probabilities), together.Select(prediction => prediction.Probabilities));
    }

    [Fact]
    public void Classifiers_of_several_models_are_refused()
    {
        using var one = Small.ProtoNet();
        using var other = Small.ProtoNet();
        using var first = one.Adapt(Small.Support(2, 1));
        using var second = other.Adapt(Small.Support(2, 1));
        Assert.Throws<ArgumentException>(() => AdaptedClassifier.Predict([(first, s_items[0]), (second, s_items[0])]));
    }

    [Fact]
    public async Task Requests_that_wait_are_answered_together_each_as_if_it_were_alone()
    {
        var served = Small.Served("glyphs") with { Model = Small.WithStatistics() };
        await using var service = await RunningService.Start(settings: settings => settings with { Workers = 1 }, models: served);
        string[] ids = [await service.Create(3, 1), await service.Create(5, 2)];
        async Task<string> Ask(int i)
        {
            var (status, body) = await service.Post(
                $"/v1/adaptations/{ids[i % 2]}/predictions", new NewPredictions([Item.Of(i == 7 ? [1, 2] : s_items[i]), Item.Of(s_items[63 - i])]));
            return $"{status} {body["results"]}";
        }

        var alone = new List<string>();
        for (var i = 0; i < 32; i++)
        {
            alone.Add(await Ask(i));
        }

        Assert.StartsWith("400", alone[7], StringComparison.Ordinal);
        Assert.Equal(31, alone.Count(answer => answer.StartsWith("200", StringComparison.Ordinal)));
        var before = await Batches(service);
        Assert.Equal(before.Requests, before.Passes);
        for (var round = 0; round < 5; round++)
        {
            Assert.Equal(alone, await Task.WhenAll(Enumerable.Range(0, 32).Select(Ask)));
        }

        var after = await Batches(service);
        Assert.Equal(before.Requests + (5 * 31), after.Requests);
        Assert.True(after.Passes < before.Passes + (5 * 31), $"{after}");
    }

    private static async Task<(double Passes, double Requests)> Batches(RunningService service)
    {
        var text = (string)(await service.Get("/metrics")).Body["text"]!;
        double Of(string name) => double.Parse(text.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Split(' ')[1]);
        return (Of("deutero_prediction_batch_count"), Of("deutero_prediction_batch_sum"));
    }
}

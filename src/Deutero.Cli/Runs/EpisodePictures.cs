using Deutero.Cli.Reports;
using Deutero.Evaluation;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Torch.Imaging;

namespace Deutero.Cli.Runs;

/// <summary>Pictures of a test episode for the report: what the learner sees, and what it says.</summary>
internal static class EpisodePictures
{
    private const int Most = 20;

    /// <summary>The support set and the first queries of the first test episode, with the predictions; nothing where the inputs are no images.</summary>
    internal static IReadOnlyList<ImageStrip> Of(Run run, Parameters theta, Parameters statistics)
    {
        if (run.Tasks.ItemShape is not [1 or 3, _, _])
        {
            return [];
        }

        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var settings = run.Configuration.Evaluation;
        var episode = new FrozenEpisodes(run.Tasks.Test, settings.Seed, settings.Episodes)[0].To(run.Device);
        using var random = Generator.Seed(settings.Seed).Derive(0, 1);
        var predictor = run.Configuration.Learner.Adapt(run.Training.ForEvaluation(statistics), theta, episode.Support, random).Predict;
        var predicted = predictor(episode.Query.Inputs).Argmax(-1).ToArray<long>();
        var actual = episode.Query.Targets.ToArray<long>();

        // Queries are in class-major order: take them in turns, so that every class is seen.
        var perClass = predicted.Length / episode.Ways;
        var order = Enumerable.Range(0, predicted.Length).OrderBy(i => i % perClass).ThenBy(i => i / perClass);
        ImageStrip[] support = episode.Support.Inputs.Rank != 4
            ? [] // attributes of the classes
            : [Strip("Support set of a test episode", episode.Support, Enumerable.Range(0, (int)episode.Support.Count), i => $"class {episode.Support.Targets.ToArray<long>()[i] + 1}")];
        return
        [
            .. support,
            Strip("Queries, with the prediction", episode.Query, order, i => predicted[i] == actual[i] ? $"{predicted[i] + 1}" : $"{predicted[i] + 1}, is {actual[i] + 1}"),
        ];
    }

    private static ImageStrip Strip(string title, Examples examples, IEnumerable<int> order, Func<int, string> caption) => new()
    {
        Title = title,
        Images = [.. order.Take(Most).Select(i => new ReportImage(Png(examples.Inputs[i]), caption(i)))],
    };

    // [C, H, W] in [0, 1] to a PNG with channels last.
    private static byte[] Png(Tensor item)
    {
        var pixels = (item.Permute([1, 2, 0]).Contiguous() * 255).Round().Clamp(0, 255).To(DType.UInt8).ToArray<byte>();
        return new Image((int)item.Size(2), (int)item.Size(1), (int)item.Size(0), pixels).EncodePng();
    }
}

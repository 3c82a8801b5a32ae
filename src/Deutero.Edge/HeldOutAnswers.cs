using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Edge;

/// <summary>What a model said about the queries of held-out tasks, of the support set's classes and of others.</summary>
internal sealed record HeldOutAnswers(IReadOnlyList<HeldOutAnswer> Known, IReadOnlyList<HeldOutAnswer> Foreign, IReadOnlyList<double> Disagreements)
{
    /// <summary>Adapts to half of the classes of each episode, and asks about queries of all of them.</summary>
    internal static HeldOutAnswers Of(
        AdaptationModel model, IClassPool pool, HeldOutTasks tasks, int ways, (ulong Seed, int Path) seed, Action done, CancellationToken cancellation)
    {
        var foreign = Math.Min(ways, pool.ClassCount - ways);
        if (foreign < 1)
        {
            throw new ArgumentException($"{pool.Name} has {pool.ClassCount} classes, but {ways}-way tasks with queries of other classes need at least {ways + 1}.");
        }

        var distributions = tasks.Shots.Select(shots => new FewShotClassification(pool, ways + foreign, shots, tasks.Queries)).ToArray();
        var episodes = new HeldOutAnswers[tasks.Episodes];
        ParallelTasks.Run(tasks.Episodes, tasks.Threads, index =>
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var random = Generator.Seed(seed.Seed).Derive(seed.Path, index);
            episodes[index] = Of(model, distributions[index % distributions.Length].Sample(random), ways);
            done();
        });
        return new(
            [.. episodes.SelectMany(one => one.Known)], [.. episodes.SelectMany(one => one.Foreign)], [.. episodes.SelectMany(one => one.Disagreements)]);
    }

    // Examples are in class-major order: the support set is the first classes' part.
    private static HeldOutAnswers Of(AdaptationModel model, Episode episode, int ways)
    {
        var shots = (int)(episode.Support.Count / episode.Ways);
        var rows = Rows(episode.Support.Inputs, model.Input.ItemSize);
        var support = Enumerable.Range(0, ways).Select(way => new SupportClass($"{way}", [.. rows.Skip(way * shots).Take(shots)])).ToArray();
        var labels = episode.Query.Targets.ToArray<long>();
        using var adapted = model.Adapt(support);
        var answers = Rows(episode.Query.Inputs, model.Input.ItemSize)
            .Select((item, i) => new HeldOutAnswer(adapted.Logits(item), labels[i] < ways ? (int)labels[i] : -1)).ToArray();
        return new([.. answers.Where(one => one.Label >= 0)], [.. answers.Where(one => one.Label < 0)], [.. (model.Embedding?.Disagreements(support) ?? []).OfType<double>()]);
    }

    private static float[][] Rows(Tensor inputs, int size) => [.. inputs.ToArray<float>().Chunk(size)];
}

using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Data;

/// <summary>Lake's official one-shot runs as episodes: each of 20 ways, one shot and 20 queries, of one alphabet that is not in the background set.</summary>
/// <remarks>
/// People err on 4.5 % of the queries and Bayesian Program Learning on 3.3 % (Lake et al., Science 2015); the modified Hausdorff distance errs on 38.75 %.
/// </remarks>
public sealed class OneShotEpisodes : IEpisodeList
{
    private readonly IReadOnlyList<OneShotRun> _runs;

    /// <summary>Makes episodes of runs.</summary>
    /// <param name="runs">What <see cref="Omniglot.OneShotRuns"/> read, or some of it.</param>
    /// <exception cref="ArgumentException">There is no run.</exception>
    public OneShotEpisodes(IReadOnlyList<OneShotRun> runs) =>
        _runs = runs.Count > 0 ? runs : throw new ArgumentException("There are no one-shot runs to make episodes of.", nameof(runs));

    /// <inheritdoc/>
    public string Name => "omniglot/one-shot-runs";

    /// <inheritdoc/>
    public int Count => _runs.Count;

    /// <summary>One run: inputs <c>[20, 1, size, size]</c>, the support example of class k in row k, and the queries in the order of the run's files.</summary>
    /// <param name="index">In <c>[0, Count)</c>.</param>
    public Episode this[int index]
    {
        get
        {
            var run = _runs[index];
            var support = Of(run, run.Training, Enumerable.Range(0, run.Training.Count));
            return new(support, Of(run, run.Test, run.Answers), Identify(run));
        }
    }

    private static Examples Of(OneShotRun run, IReadOnlyList<float[]> images, IEnumerable<int> classes) =>
        new(Tensor.Share(images.SelectMany(image => image).ToArray(), [images.Count, 1, run.Size, run.Size]), Tensor.Share([.. classes.Select(label => (long)label)]), run.Training.Count);

    // "run07/class01:class01|item05;..." : the files of each class.
    private static string Identify(OneShotRun run)
    {
        string Items(int label) => string.Join(',', run.Answers.Index().Where(answer => answer.Item == label).Select(answer => $"item{answer.Index + 1:00}"));
        return string.Concat(Enumerable.Range(0, run.Training.Count).Select(label => $"{run.Name}/class{label + 1:00}:class{label + 1:00}|{Items(label)};"));
    }
}

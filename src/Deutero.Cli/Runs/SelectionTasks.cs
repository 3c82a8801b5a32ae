using System.Diagnostics;
using Deutero.Evaluation;
using Deutero.Selection;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Cli.Runs;

/// <summary>The tasks that candidates are tried on: frozen episodes of several numbers of classes and examples.</summary>
/// <param name="Ways">Classes of a task; all combinations with the shots are tried.</param>
/// <param name="Shots">Support examples of each class.</param>
/// <param name="Queries">Query examples of each class.</param>
/// <param name="Episodes">Episodes of each combination.</param>
/// <param name="Seed">Determines all of them.</param>
internal sealed record SelectionTasks(IReadOnlyList<int> Ways, IReadOnlyList<int> Shots, int Queries, int Episodes, ulong Seed)
{
    /// <summary>The number of episodes in all.</summary>
    internal int Count => Ways.Count * Shots.Count * Episodes;

    /// <summary>Tries every candidate on the same tasks of a pool.</summary>
    /// <param name="pool">The classes.</param>
    /// <param name="candidates">The candidates.</param>
    /// <param name="progress">Told the number of episodes done, counting those of every candidate.</param>
    /// <param name="cancellation">Stops between episodes.</param>
    /// <exception cref="ArgumentException">The pool has too few classes or items, or a candidate has a last layer of another width.</exception>
    internal TaskOutcome[] Try(IClassPool pool, IReadOnlyList<SelectionCandidate> candidates, Action<int> progress, CancellationToken cancellation)
    {
        foreach (var (candidate, ways) in from candidate in candidates from ways in Ways select (candidate, ways))
        {
            candidate.RequireWays(ways);
        }

        var families = (from ways in Ways from shots in Shots select new FewShotClassification(pool, ways, shots, Queries)).ToArray();
        var (outcomes, done) = (new List<TaskOutcome>(), 0);
        foreach (var family in families)
        {
            var episodes = new FrozenEpisodes(family, Seed, Episodes);
            var features = Enumerable.Range(0, Episodes).Select(i => FeaturesOf(episodes, i)).ToArray();
            var (scores, seconds) = (new List<double[]>(), new List<double>());
            foreach (var candidate in candidates)
            {
                var clock = Stopwatch.StartNew();
                var result = candidate.Run.EvaluateOn(episodes, candidate.Theta, candidate.Statistics, progress: null, cancellation);
                seconds.Add(clock.Elapsed.TotalSeconds / Episodes);
                scores.Add([.. result.Episodes.Select(episode => episode.Score)]);
                progress(done += Episodes);
            }

            outcomes.AddRange(features.Select((own, i) => new TaskOutcome($"{family.Ways}-way {family.Shots}-shot", own, [.. scores.Select(all => all[i])], [.. seconds])));
        }

        return [.. outcomes];
    }

    private static double[] FeaturesOf(FrozenEpisodes episodes, int index)
    {
        using var scope = new TensorScope();
        return TaskFeatures.Of(episodes[index].Support);
    }
}

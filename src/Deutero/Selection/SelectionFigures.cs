using Deutero.Evaluation;
using Deutero.Torch;

namespace Deutero.Selection;

/// <summary>What choosing a candidate for each task is worth, beside choosing one for all, any, or the best with hindsight.</summary>
/// <param name="Selector">The mean utility of the chosen candidates.</param>
/// <param name="SingleBest">That of the candidate that is best on the whole of these tasks.</param>
/// <param name="SingleBestCandidate">Which one that is.</param>
/// <param name="Average">That of a candidate drawn at random for each task: the mean over all candidates.</param>
/// <param name="VirtualBest">That of the best candidate of each task, which hindsight alone knows; it profits from chance where scores are noisy.</param>
/// <param name="Lead">The paired differences of the selector and the best single candidate.</param>
/// <param name="GapClosed">(selector − single best) / (virtual best − single best); NaN where there is nothing to gain.</param>
/// <param name="GapFrom">The lower end of its 95% bootstrap interval over tasks.</param>
/// <param name="GapTo">The upper end of its 95% bootstrap interval over tasks.</param>
public sealed record SelectionFigures(
    Interval Selector, Interval SingleBest, int SingleBestCandidate, Interval Average, Interval VirtualBest, Interval Lead, double GapClosed, double GapFrom, double GapTo)
{
    private const int Resamples = 1000;

    /// <summary>Judges choices.</summary>
    /// <param name="tasks">The tasks, at least one.</param>
    /// <param name="chosen">The chosen candidate's place, for each task.</param>
    /// <param name="cost">The price κ of time, at least 0.</param>
    /// <exception cref="ArgumentException">There are no tasks, or not as many choices.</exception>
    public static SelectionFigures Of(IReadOnlyList<TaskOutcome> tasks, IReadOnlyList<int> chosen, double cost = 0)
    {
        if (tasks.Count == 0 || tasks.Count != chosen.Count)
        {
            throw new ArgumentException($"There are {tasks.Count} tasks and {chosen.Count} choices: as many of each, and at least one, are expected.");
        }

        var utilities = tasks.Select(task => task.Utilities(cost)).ToArray();
        var means = Enumerable.Range(0, utilities[0].Length).Select(candidate => utilities.Average(task => task[candidate])).ToArray();
        var best = Array.IndexOf(means, means.Max());
        double[] selected = [.. utilities.Select((task, place) => task[chosen[place]])], single = [.. utilities.Select(task => task[best])];
        double[] virtually = [.. utilities.Select(task => task.Max())];
        var (from, to) = Bootstrap(utilities, selected, virtually);
        return new(
            Interval.Of(selected), Interval.Of(single), best, Interval.Of([.. utilities.Select(task => task.Average())]), Interval.Of(virtually),
            Interval.OfDifferences(selected, single), Gap(selected.Average(), single.Average(), virtually.Average()), from, to);
    }

    private static double Gap(double selected, double single, double virtually) => virtually - single > 1e-12 ? (selected - single) / (virtually - single) : double.NaN;

    // The best single candidate is found anew in each resample, as it would be of other tasks.
    private static (double From, double To) Bootstrap(double[][] utilities, double[] selected, double[] virtually)
    {
        using var random = Generator.Seed(1);
        var gaps = new List<double>();
        for (var resample = 0; resample < Resamples; resample++)
        {
            var drawn = Enumerable.Range(0, utilities.Length).Select(_ => random.Next(utilities.Length)).ToArray();
            var single = Enumerable.Range(0, utilities[0].Length).Max(candidate => drawn.Average(task => utilities[task][candidate]));
            gaps.Add(Gap(drawn.Average(task => selected[task]), single, drawn.Average(task => virtually[task])));
        }

        double[] sorted = [.. gaps.Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? (double.NaN, double.NaN) : (sorted[(int)(0.025 * (sorted.Length - 1))], sorted[(int)(0.975 * (sorted.Length - 1))]);
    }
}

using Deutero.Learners;
using Deutero.Torch;

namespace Deutero.Selection;

/// <summary>Chooses for a new task, by features of its support set, which of several candidates is to learn it: algorithm selection.</summary>
/// <remarks>
/// <para>Ridge regression of each candidate's utility on the standardised features, as fitted to tasks on which all candidates were tried. The
/// highest expected utility is chosen, unless it is hardly more than that of the candidate that was best on the whole: then that one.</para>
/// <para><b>Differs from the paper:</b> the paper poses the problem; the regression is the simplest of its answers.</para>
/// </remarks>
[Paper("Rice: The Algorithm Selection Problem", "Advances in Computers 1976", "https://doi.org/10.1016/S0065-2458(08)60520-3")]
public sealed record ParadigmSelector
{
    /// <summary>The candidates' names, at least 2.</summary>
    public required IReadOnlyList<string> Candidates { get; init; }

    /// <summary>The price κ of time in utilities: see <see cref="TaskOutcome.Utilities"/>.</summary>
    public required double Cost { get; init; }

    /// <summary>The probability of being better from which on another candidate than the best on the whole is chosen, from 0.5 to 1.</summary>
    public required double Sureness { get; init; }

    /// <summary>The place of the candidate that was best on the whole.</summary>
    public required int SingleBest { get; init; }

    /// <summary>The features' means.</summary>
    public required IReadOnlyList<double> Means { get; init; }

    /// <summary>The features' standard deviations; 1 where a feature was the same in all tasks.</summary>
    public required IReadOnlyList<double> Deviations { get; init; }

    /// <summary>By candidate, the constant and the weights of the standardised features.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Weights { get; init; }

    /// <summary>The inverse of X'X + λI, row by row, of the standardised features X behind a 1: how well the tasks cover the features.</summary>
    public required IReadOnlyList<double> Inverse { get; init; }

    /// <summary>By candidate, the standard deviation of what the fit leaves over of its lead over the best on the whole.</summary>
    public required IReadOnlyList<double> Residuals { get; init; }

    /// <summary>Fits a selector.</summary>
    /// <param name="candidates">The candidates' names, at least 2.</param>
    /// <param name="tasks">Tasks on which all of them were tried, at least 2.</param>
    /// <param name="cost">The price κ of time, at least 0.</param>
    /// <param name="sureness">See <see cref="Sureness"/>; default 0.8.</param>
    /// <param name="penalty">The penalty λ of the weights, positive; default 1.</param>
    /// <exception cref="ArgumentException">There are too few candidates or tasks, or their numbers do not fit together.</exception>
    public static ParadigmSelector Fit(IReadOnlyList<string> candidates, IReadOnlyList<TaskOutcome> tasks, double cost = 0, double sureness = 0.8, double penalty = 1)
    {
        Setting.NotNegative(cost, nameof(cost));
        Setting.Positive(penalty, nameof(penalty));
        if (candidates.Count < 2 || tasks.Count < 2 || tasks.Any(task => task.Scores.Count != candidates.Count || task.Features.Count != tasks[0].Features.Count))
        {
            throw new ArgumentException($"A selector is fitted to at least 2 candidates and 2 tasks with a score of each, but {candidates.Count} candidates and {tasks.Count} tasks were given.");
        }

        using var scope = new TensorScope();
        var (means, deviations) = Standards(tasks);
        var rows = Tensor.From([.. tasks.SelectMany(task => Row(task.Features, means, deviations))], tasks.Count, means.Length + 1); // [T, 1 + F]
        var utilities = Tensor.From([.. tasks.SelectMany(task => task.Utilities(cost))], tasks.Count, candidates.Count); // [T, P]
        var best = utilities.Mean([0]).Argmax(-1).ToArray<long>()[0];
        var penalties = Tensor.From([1e-9, .. means.Select(_ => penalty)]); // none of the constant
        var inverse = Tensor.LinalgInv(rows.T().Matmul(rows) + (penalties * Tensor.Eye(means.Length + 1, DType.Float64)));
        var weights = inverse.Matmul(rows.T().Matmul(utilities)); // [1 + F, P]
        var left = utilities - rows.Matmul(weights);
        var freedom = Math.Max(1, tasks.Count - means.Length - 1);
        return new()
        {
            Candidates = candidates, Cost = cost, Sureness = sureness, SingleBest = (int)best, Means = means, Deviations = deviations,
            Weights = [.. weights.T().Contiguous().ToArray<double>().Chunk(means.Length + 1)], Inverse = inverse.ToArray<double>(),
            Residuals = ((left - left.Narrow(1, best, 1)).Square().Sum([0]) / freedom).Sqrt().ToArray<double>(),
        };
    }

    /// <summary>What each task's choice is by a selector that was fitted to tasks of the other families; with one family, to nine in ten of the others.</summary>
    /// <param name="candidates">The candidates' names, at least 2.</param>
    /// <param name="tasks">Tasks on which all of them were tried.</param>
    /// <param name="cost">The price κ of time, at least 0.</param>
    /// <param name="sureness">See <see cref="Sureness"/>; default 0.8.</param>
    /// <param name="penalty">The penalty λ of the weights, positive; default 1.</param>
    /// <returns>The chosen candidate's place, for each task.</returns>
    public static int[] CrossValidate(IReadOnlyList<string> candidates, IReadOnlyList<TaskOutcome> tasks, double cost = 0, double sureness = 0.8, double penalty = 1)
    {
        const int Folds = 10;
        var single = tasks.All(task => task.Family == tasks[0].Family);
        var folds = tasks.Select((task, place) => single ? $"{place % Folds}" : task.Family).ToArray();
        var selectors = folds.Distinct().ToDictionary(
            fold => fold, fold => Fit(candidates, [.. tasks.Where((_, place) => folds[place] != fold)], cost, sureness, penalty), StringComparer.Ordinal);
        return [.. tasks.Select((task, place) => selectors[folds[place]].Choose(task.Features).Candidate)];
    }

    /// <summary>Chooses a candidate for a task.</summary>
    /// <param name="features">The task's features, as many as it was fitted to.</param>
    /// <exception cref="ArgumentException">There are more or fewer features.</exception>
    public ParadigmChoice Choose(IReadOnlyList<double> features)
    {
        if (features.Count != Means.Count)
        {
            throw new ArgumentException($"The selector was fitted to {Means.Count} features but {features.Count} were given.");
        }

        var row = Row(features, Means, Deviations);
        var expected = Weights.Select(weights => weights.Zip(row, (weight, value) => weight * value).Sum()).ToArray();
        var highest = Array.IndexOf(expected, expected.Max());
        if (highest == SingleBest)
        {
            return new(highest, expected, 1);
        }

        // The spread of the expected lead: narrow where many tasks were like this one.
        var coverage = Enumerable.Range(0, row.Length).Sum(i => row[i] * Enumerable.Range(0, row.Length).Sum(j => Inverse[(i * row.Length) + j] * row[j]));
        var spread = Residuals[highest] * Math.Sqrt(coverage);
        var confidence = spread > 0 ? Probability((expected[highest] - expected[SingleBest]) / spread) : 1;
        return new(confidence >= Sureness ? highest : SingleBest, expected, confidence);
    }

    private static (double[] Means, double[] Deviations) Standards(IReadOnlyList<TaskOutcome> tasks)
    {
        var columns = Enumerable.Range(0, tasks[0].Features.Count).Select(i => tasks.Select(task => task.Features[i]).ToArray()).ToArray();
        double[] means = [.. columns.Select(column => column.Average())];
        return (means, [.. columns.Select((column, i) => Math.Sqrt(column.Average(value => (value - means[i]) * (value - means[i]))) is var deviation && deviation > 1e-9 ? deviation : 1)]);
    }

    private static double[] Row(IReadOnlyList<double> features, IReadOnlyList<double> means, IReadOnlyList<double> deviations) =>
        [1, .. features.Select((value, i) => (value - means[i]) / deviations[i])];

    // Of a standard normal variable to be below a value.
    private static double Probability(double value)
    {
        using var scope = new TensorScope();
        return 0.5 * (1 + Tensor.From([value / Math.Sqrt(2)]).Erf()[0].ToDouble());
    }
}

using System.Diagnostics;
using Deutero.Torch;

namespace Deutero.Training;

/// <summary>The execution mode of a training, and how long a meta-batch took in each mode that was tried.</summary>
/// <param name="Execution">The mode, never <see cref="Execution.Auto"/>.</param>
/// <param name="Seconds">The shortest time of a meta-batch in each mode; empty where nothing was measured.</param>
public sealed record ExecutionChoice(Execution Execution, IReadOnlyDictionary<Execution, double> Seconds)
{
    // Modes this close count as equally fast, so that the noise of a busy machine seldom changes the choice.
    private const double Margin = 0.1;
    private const int Rounds = 5;
    private const double LeastBudgetSeconds = 1;
    private const double BudgetFraction = 0.02;

    /// <summary>A mode that was given, not measured.</summary>
    /// <param name="execution">The mode.</param>
    public static ExecutionChoice Given(Execution execution) => new(execution, new Dictionary<Execution, double>());

    /// <summary>Runs a meta-batch in each mode, in turn, and takes the fastest.</summary>
    /// <remarks>
    /// At most five rounds after a warm-up, and no more once a second and 2% of the training's time are spent. The first mode is taken unmeasured where
    /// a single meta-batch is more than 2% of the training, and where none is more than 10% faster.
    /// </remarks>
    /// <param name="candidates">The modes in order of preference, at least one.</param>
    /// <param name="run">Runs one meta-batch in a mode. A mode in which libtorch refuses it, for lack of memory or of an operator, is not taken.</param>
    /// <param name="metaBatches">The meta-batches of the training.</param>
    public static ExecutionChoice Measure(IReadOnlyList<Execution> candidates, Action<Execution> run, int metaBatches)
    {
        if (candidates.Count == 1 || metaBatches * BudgetFraction < 1)
        {
            return Given(candidates[0]);
        }

        var clock = Stopwatch.StartNew();
        var seconds = candidates.ToDictionary(candidate => candidate, _ => double.PositiveInfinity);
        seconds[candidates[0]] = Time(run, candidates[0]);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var candidate in candidates)
            {
                if (clock.Elapsed.TotalSeconds > Math.Max(LeastBudgetSeconds, BudgetFraction * metaBatches * seconds.Values.Min()))
                {
                    return Decide(candidates, round == 0 ? new Dictionary<Execution, double>() : seconds);
                }

                seconds[candidate] = Math.Min(seconds[candidate], Time(run, candidate));
            }
        }

        return Decide(candidates, seconds);
    }

    /// <summary>The first mode that no other beats by more than 10%.</summary>
    /// <param name="candidates">The modes in order of preference.</param>
    /// <param name="seconds">The time of each; empty where they were not all measured.</param>
    internal static ExecutionChoice Decide(IReadOnlyList<Execution> candidates, IReadOnlyDictionary<Execution, double> seconds) =>
        seconds.Count == 0
            ? Given(candidates[0])
            : new(candidates.First(candidate => seconds[candidate] <= (1 + Margin) * seconds.Values.Min()), seconds);

    /// <summary>The mode, with the times that it was chosen by.</summary>
    public override string ToString() =>
        Seconds.Count == 0
            ? $"{Execution}"
            : $"{Execution} ({string.Join(", ", Seconds.Select(one => FormattableString.Invariant($"{one.Key} {1000 * one.Value:G3}")))} ms a meta-batch)";

    private static double Time(Action<Execution> run, Execution execution)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            run(execution);
            return clock.Elapsed.TotalSeconds;
        }
        catch (TorchException)
        {
            return double.PositiveInfinity;
        }
    }
}

using System.Text.Json;
using Deutero.Cli.Benchmarks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Cli.Runs;

/// <summary>How much of a training fits a number of minutes.</summary>
/// <param name="Minutes">The minutes for training.</param>
/// <param name="Iterations">The updates to train for.</param>
/// <param name="Whole">The updates of the whole training.</param>
/// <param name="ValidateEvery">Updates between validations; 0 for none.</param>
internal sealed record TrainingBudget(double Minutes, int Iterations, int Whole, int ValidateEvery)
{
    private const int FewestMeasured = 5;
    private const int MostMeasured = 40;
    private const int MeasuredValidationEpisodes = 4;

    // A short training is still validated this often, as long as that takes no more than this share of the budget.
    private const int Validations = 4;
    private const double ValidationShare = 0.4;

    // For measuring; and for starting, checkpoints and whatever else the measurement does not see.
    private const double MeasuringShare = 0.03;
    private const double Reserve = 0.1;

    /// <summary>How the training differs from the whole one, as a sentence; empty where it does not.</summary>
    internal string Deviation => Iterations < Whole ? $"Cut to {Minutes} minutes of training on the machine at hand: {Iterations} of {Whole} updates." : "";

    /// <summary>The budget that a run folder was begun with, or else one that is measured now and kept in the folder.</summary>
    /// <param name="run">The whole training, for one process.</param>
    /// <param name="folder">The run folder.</param>
    /// <param name="minutes">The minutes for training.</param>
    /// <param name="cancellation">Stops the measurement.</param>
    internal static TrainingBudget For(Run run, RunFolder folder, double minutes, CancellationToken cancellation)
    {
        var whole = run.Configuration.Training.Iterations;
        if (File.Exists(folder.BudgetFile)
            && JsonSerializer.Deserialize<TrainingBudget>(File.ReadAllText(folder.BudgetFile)) is { } earlier && earlier.Minutes == minutes && earlier.Whole == whole)
        {
            return earlier;
        }

        var (update, validationEpisode) = Measure(run, TimeSpan.FromMinutes(MeasuringShare * minutes), cancellation);
        var settings = run.Configuration.Training;
        var budget = Fit(minutes, update, validationEpisode * settings.ValidationEpisodes, whole, settings.ValidateEvery);
        folder.Prepare();
        RunFolder.WriteText(folder.BudgetFile, JsonSerializer.Serialize(budget));
        return budget;
    }

    /// <summary>The most updates that fit.</summary>
    /// <param name="minutes">The minutes for training.</param>
    /// <param name="update">Seconds of an update.</param>
    /// <param name="validation">Seconds of a validation.</param>
    /// <param name="whole">The updates of the whole training.</param>
    /// <param name="validateEvery">Updates between its validations; 0 for none.</param>
    internal static TrainingBudget Fit(double minutes, double update, double validation, int whole, int validateEvery)
    {
        var seconds = 60 * minutes * (1 - Reserve);
        var iterations = seconds / (update + (validateEvery > 0 ? validation / validateEvery : 0));
        if (iterations >= whole)
        {
            return new(minutes, whole, whole, validateEvery);
        }

        if (validateEvery > 0 && iterations < Validations * validateEvery)
        {
            var validations = (int)Math.Min(Validations, ValidationShare * seconds / validation);
            iterations = (seconds - (validations * validation)) / update;
            validateEvery = validations > 0 ? Math.Max(1, (int)iterations / validations) : 0;
        }

        return new(minutes, Math.Clamp((int)iterations, 1, whole), whole, validateEvery);
    }

    // Seconds of an update, and of one validation episode: medians without the first update, which warms up.
    private static (double Update, double ValidationEpisode) Measure(Run run, TimeSpan longest, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var training = run.Training;
        var validates = training.Validation is not null && training.Settings.ValidateEvery > 0;
        training = training with
        {
            Settings = training.Settings with
            {
                Iterations = Math.Max(training.Settings.Iterations, MostMeasured),
                ValidationEpisodes = MeasuredValidationEpisodes,
                ValidateEvery = validates ? FewestMeasured - 1 : 0,
                Patience = 0,
            },
        };
        using var scope = new TensorScope();
        var clock = new Clock(longest, stop);
        training.Run(training.Start(), progress: clock, cancellation: stop.Token);
        cancellation.ThrowIfCancellationRequested();
        return clock.Medians;
    }

    private sealed class Clock(TimeSpan longest, CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        private readonly List<double> _updates = [];
        private readonly List<double> _validated = [];
        private TimeSpan _last;

        internal (double Update, double ValidationEpisode) Medians
        {
            get
            {
                var update = BenchResult.Median(_updates);
                return (update, _validated.Count > 0 ? Math.Max(0, BenchResult.Median(_validated) - update) / MeasuredValidationEpisodes : 0);
            }
        }

        public void Report(TrainingProgress value)
        {
            var took = (value.Elapsed - _last).TotalSeconds;
            _last = value.Elapsed;
            if (value.Iteration > 1)
            {
                (value.Validation is null ? _updates : _validated).Add(took);
            }

            if (value.Iteration >= MostMeasured || (value.Iteration >= FewestMeasured && value.Elapsed >= longest))
            {
                stop.Cancel();
            }
        }
    }
}

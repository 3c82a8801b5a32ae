using System.CommandLine;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Evaluation;
using Deutero.Torch;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero evaluate</c>: judges a run's model, or a learner that needs no training, on frozen test episodes.</summary>
internal static class EvaluateCommand
{
    private static readonly Argument<string?> s_run = new("run") { Description = "A run folder written by 'deutero train'; leave it out to evaluate a baseline.", Arity = ArgumentArity.ZeroOrOne };

    internal static Command Create() => new Command("evaluate", "Evaluate a run, or a baseline such as --set learner=nearest-centroid, on frozen test episodes.")
    {
        s_run, SharedOptions.Config, SharedOptions.Set, SharedOptions.Data, SharedOptions.Device, SharedOptions.Json,
    }.Explained("""
        The test episodes are drawn from classes that meta-training never saw, the same ones for everybody who uses the same settings; their hash is
        printed. The figure is a mean with its 95% confidence interval. For classes it also says how far the probabilities can be believed: the expected
        calibration error in 15 bins, the Brier score, the negative log-likelihood, and the accuracy when the learner abstains where it is unsure; the
        curves are in the JSON and in a run's report.

        Examples:
          deutero evaluate runs/first
          deutero evaluate runs/first --set evaluation.episodes=2000 --json
          deutero evaluate --set learner=nearest-centroid --set data.name=glyphs
          deutero evaluate runs/mixed --set data.testSources=fashion-mnist
        """).Runs(Execute);

    /// <summary>Evaluates a trained run and writes its evaluation and report.</summary>
    internal static int Evaluate(Run run, RunFolder folder, bool json, CancellationToken cancellation)
    {
        var result = Evaluate(run, folder, cancellation);
        if (run.Ranks is { IsFirst: false })
        {
            return ExitCodes.Done;
        }

        RunFolder.WriteText(folder.EvaluationFile, EvaluationJson.Of(result, Run.Schema.ToJson(run.Configuration), withEpisodes: true));
        RunReports.Write(folder, run, result);
        Print(result, run, json);
        if (!json)
        {
            Console.WriteLine($"report: {folder.ReportFile}");
        }

        return ExitCodes.Done;
    }

    /// <summary>Evaluates a run's model; without a folder, a learner that needs none.</summary>
    internal static EvaluationResult Evaluate(Run run, RunFolder? folder, CancellationToken cancellation)
    {
        if (folder is null)
        {
            return Evaluate(run, Parameters.Empty, Parameters.Empty, cancellation);
        }

        Parameters Read()
        {
            var (theta, statistics) = folder.LoadModel();
            return theta.Prefixed("theta").With(statistics.Prefixed("statistics"));
        }

        var model = run.Ranks?.FromFirst(Read) ?? Read();
        return Evaluate(run, model.Under("theta"), model.Under("statistics"), cancellation);
    }

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var json = arguments.GetValue(SharedOptions.Json);
        if (arguments.GetValue(s_run) is { } path)
        {
            var folder = new RunFolder(path);
            if (!File.Exists(folder.ConfigurationFile))
            {
                throw new FileNotFoundException($"{path} is not a run folder: it has no configuration.json.");
            }

            var trained = Run.Open(Run.Schema.Load<RunConfiguration>(folder.ConfigurationFile, SharedOptions.SettingsOf(arguments)));
            using var together = Ranks.Join(trained.Configuration, cancellation, out cancellation);
            trained.Ranks = together;
            Print(Evaluate(trained, folder, cancellation), trained, json);
            return ExitCodes.Done;
        }

        var run = Run.Open(SharedOptions.ConfigurationOf(arguments));
        using var ranks = Ranks.Join(run.Configuration, cancellation, out cancellation);
        run.Ranks = ranks;
        using var random = Generator.Seed(run.Configuration.Training.Seed);
        var untrained = run.Configuration.Learner.Init(run.Model, random);
        if (untrained.Count > 0)
        {
            ranks.Progress.WriteLine($"{run.Configuration.Learner.GetType().Name} is evaluated untrained; name a run folder to evaluate a trained one.");
        }

        Print(Evaluate(run, untrained, Parameters.Empty, cancellation), run, json);
        return ExitCodes.Done;
    }

    private static EvaluationResult Evaluate(Run run, Parameters theta, Parameters statistics, CancellationToken cancellation)
    {
        if (run.Ranks is { IsFirst: false })
        {
            return run.Evaluate(theta.To(run.Device), statistics.To(run.Device), cancellation: cancellation);
        }

        using var writer = ProgressWriter.ForStandardError(TimeSpan.FromSeconds(15));
        var progress = new Counter(done => writer.Report(new Progress { Iteration = done, Total = run.Configuration.Evaluation.Episodes }));
        return run.Evaluate(theta.To(run.Device), statistics.To(run.Device), progress, cancellation);
    }

    private static void Print(EvaluationResult result, Run run, bool json)
    {
        if (run.Ranks is { IsFirst: false })
        {
            return;
        }

        if (json)
        {
            Console.WriteLine(EvaluationJson.Of(result, Run.Schema.ToJson(run.Configuration), withEpisodes: false));
            return;
        }

        var percent = result.IsFraction;
        string Show(Interval value) => percent ? $"{100 * value.Mean:F2} ± {100 * value.HalfWidth:F2} %" : $"{value.Mean:F4} ± {value.HalfWidth:F4}";
        Console.WriteLine($"{result.Learner} on {result.Source}, {result.Episodes.Count} episodes");
        Console.WriteLine($"{result.Metric}: {Show(result.Score)} (95%)");
        foreach (var (source, score) in result.ScoreBySource)
        {
            Console.WriteLine($"  {source}: {Show(score)}, {score.Count} episodes");
        }

        if (result.Curve.Count > 1)
        {
            Console.WriteLine($"after each inner step: {string.Join("  ", result.Curve.Select(value => percent ? $"{100 * value.Mean:F1}" : $"{value.Mean:F3}"))}");
        }

        if (result.Calibration is { } calibration)
        {
            Console.WriteLine(
                $"calibration: ECE {100 * calibration.ExpectedCalibrationError:F1} %, Brier {calibration.Brier:F3}, NLL {calibration.NegativeLogLikelihood:F3}; "
                + $"accuracy on the surest half {100 * calibration.AccuracyAt(0.5):F2} %");
        }

        Console.WriteLine($"BatchNorm statistics: {result.BatchNormStatistics}{(result.Transductive ? ", transductive" : "")}; episodes: seed {result.Seed}, hash {result.EpisodeHash[..16]}");
    }

    private sealed class Counter(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}

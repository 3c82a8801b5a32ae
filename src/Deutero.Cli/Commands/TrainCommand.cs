using System.CommandLine;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Training;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero train</c>: meta-trains into a run folder, resumes what was interrupted, evaluates and reports.</summary>
internal static class TrainCommand
{
    private static readonly Option<string> s_output = new("--output", "-o") { Description = "The run's folder; an interrupted run in it is resumed.", HelpName = "FOLDER", Required = true };

    private static readonly Option<bool> s_restart = new("--restart") { Description = "Start again from the beginning, dropping the folder's earlier run." };

    internal static Command Create() => new Command("train", "Meta-train a learner, evaluate it on unseen classes and write a run folder with its model and report.")
    {
        s_output, SharedOptions.Config, SharedOptions.Set, SharedOptions.Data, s_restart, SharedOptions.Json,
    }.Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var configuration = SharedOptions.ConfigurationOf(arguments);
        var run = Run.Open(configuration);
        var folder = new RunFolder(arguments.GetValue(s_output)!);
        Directory.CreateDirectory(folder.Path);
        var json = Run.Schema.ToJson(configuration);
        if (arguments.GetValue(s_restart))
        {
            File.Delete(folder.CheckpointFile);
        }

        var result = Train(run, folder, json, cancellation);
        if (result.Outcome == TrainingOutcome.Cancelled)
        {
            Console.Error.WriteLine($"Stopped after {result.State.Iteration} of {configuration.Training.Iterations} iterations and saved; the same command resumes.");
            return ExitCodes.Cancelled;
        }

        return EvaluateCommand.Evaluate(run, folder, arguments.GetValue(SharedOptions.Json), cancellation);
    }

    /// <summary>Trains, or continues, in a run folder; returns at once where the training is complete.</summary>
    internal static TrainingResult Train(Run run, RunFolder folder, string json, CancellationToken cancellation)
    {
        var training = run.Training;
        var resumed = File.Exists(folder.CheckpointFile);
        var state = resumed ? TrainingState.Load(folder.CheckpointFile, json) : training.Start();
        RunFolder.WriteText(folder.ConfigurationFile, json);
        RunFolder.WriteText(folder.EnvironmentFile, RunEnvironment.Json());
        if (resumed)
        {
            Console.Error.WriteLine($"Resuming after iteration {state.Iteration}.");
        }

        using var metrics = new MetricsLog(folder.MetricsFile, state.Iteration);
        using var writer = ProgressWriter.ForStandardError(TimeSpan.FromSeconds(15));
        var result = training.Run(state, Save, new Reporter(metrics, writer, run.Configuration.Training.MetaBatch), cancellation);
        folder.SaveModel(result.State, json);
        return result;

        void Save(TrainingState current) => current.Save(folder.CheckpointFile, json);
    }

    private sealed class Reporter(MetricsLog metrics, ProgressWriter writer, int metaBatch) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            metrics.Add(value);
            writer.Report(new Progress
            {
                Iteration = value.Iteration, Total = value.Iterations, TasksPerIteration = metaBatch, Loss = value.Loss,
                Accuracy = double.IsNaN(value.Accuracy) ? null : value.Accuracy,
            });
            if (value.Validation is { } validation)
            {
                writer.WriteLine($"  validation after {value.Iteration}: {validation.Mean:F4} ± {validation.HalfWidth:F4}");
            }
        }
    }
}

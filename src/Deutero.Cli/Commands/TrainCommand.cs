using System.CommandLine;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero train</c>: meta-trains into a run folder, resumes what was interrupted, evaluates and reports.</summary>
internal static class TrainCommand
{
    private static readonly Option<string> s_output = new("--output", "-o") { Description = "The run's folder; an interrupted run in it is resumed.", HelpName = "FOLDER", Required = true };

    private static readonly Option<bool> s_restart = new("--restart") { Description = "Start again from the beginning, dropping the folder's earlier run." };

    private static readonly Option<string?> s_memoryBudget = new("--memory-budget")
    {
        Description = "The memory that the process may take, such as 2GiB: chooses the fastest exact unrolling that fits; the same as training.memoryBudget.", HelpName = "SIZE",
    };

    internal static Command Create() => new Command("train", "Meta-train a learner, evaluate it on unseen classes and write a run folder with its model and report.")
    {
        s_output, SharedOptions.Config, SharedOptions.Set, SharedOptions.Data, SharedOptions.Device, SharedOptions.Precision, s_memoryBudget, s_restart, SharedOptions.Json,
    }.Explained("""
        Every setting has a default ('deutero list settings'); a configuration file or --set changes it. The folder gets configuration.json,
        environment.json, metrics.jsonl, checkpoint.safetensors, model.safetensors, evaluation.json, report.html and model-card.md.
        Ctrl-C saves and ends with exit code 130; the same command goes on from there, and ends with the same bits as an uninterrupted run.
        'deutero launch' runs it on several processes; with RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT set, it is one of several
        (docs/distributed.md).

        Examples:
          deutero train -o runs/first
          deutero train -o runs/maml --set learner=maml --set learner.innerRate=0.4 --set data.name=omniglot
          deutero train -o runs/mine -c mine.json --set training.iterations=500 --json
          deutero train -o runs/long --set learner=maml --set learner.steps=20 --memory-budget 2GiB
          deutero train -o runs/longer -c mine.json --set startFrom=runs/mine
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var configuration = SharedOptions.ConfigurationOf(
            arguments, arguments.GetValue(s_memoryBudget) is { } budget ? [$"training.memoryBudget={budget}"] : []);
        var run = Run.Open(configuration);
        using var ranks = Ranks.Join(configuration, cancellation, out cancellation);
        run.Ranks = ranks;
        var folder = new RunFolder(arguments.GetValue(s_output)!);
        var json = Run.Schema.ToJson(configuration);
        using var held = ranks.IsFirst ? folder.Hold() : null;
        if (arguments.GetValue(s_restart) && ranks is { IsFirst: true, IsRestarted: false })
        {
            folder.Forget();
        }

        var result = Train(run, folder, json, cancellation);
        if (result.Outcome == TrainingOutcome.Cancelled)
        {
            ranks.Progress.WriteLine($"Stopped after {result.State.Iteration} of {configuration.Training.Iterations} iterations and saved; the same command resumes.");
            return ExitCodes.Cancelled;
        }

        return EvaluateCommand.Evaluate(run, folder, arguments.GetValue(SharedOptions.Json), cancellation);
    }

    /// <summary>Trains, or continues, in a run folder; returns at once where the training is complete.</summary>
    internal static TrainingResult Train(Run run, RunFolder folder, string json, CancellationToken cancellation)
    {
        var training = run.Training;
        if (run.Ranks is { IsFirst: false } ranks)
        {
            var chosen = Run.Schema.Parse<RunConfiguration>(ranks.FromFirst(() => ""), "rank 0");
            return (training with { Learner = chosen.Learner }).Run(training.Start(), cancellation: cancellation);
        }

        var resumed = File.Exists(folder.CheckpointFile);
        var state = resumed ? TrainingState.Load(folder.CheckpointFile, json) : training.Start(InitialOf(run.Configuration));
        var fit = MemoryBudget.Fit(run.Configuration, resumed ? folder : null, cancellation);
        run.Ranks?.FromFirst(() => Run.Schema.ToJson(run.Configuration with { Learner = fit.Learner })); // all unroll alike
        folder.Prepare();
        folder.SaveContract(run.Tasks.Contract, resumed);
        RunFolder.WriteText(folder.ConfigurationFile, json);
        if (resumed)
        {
            Console.Error.WriteLine($"Resuming after iteration {state.Iteration}.");
        }

        training = training with { Learner = fit.Learner };
        var meter = CostMeter.Of(folder, state.Iteration, run.Configuration.Training.Iterations, run.Ranks?.Group?.Size ?? 1);
        var choice = training.ChooseExecution(state);
        state = state with { Execution = choice.Execution };
        Console.Error.WriteLine($"Execution: {choice}.");
        RunFolder.WriteText(folder.EnvironmentFile, RunEnvironment.Json(fit.Record, ("execution", $"{choice}")));
        using var metrics = new MetricsLog(folder.MetricsFile, state.Iteration);
        using var writer = ProgressWriter.ForStandardError(TimeSpan.FromSeconds(15));
        var result = training.Run(state, Save, new Reporter(metrics, writer, run.Configuration.Training.MetaBatch), cancellation);
        folder.SaveModel(result.State, json);
        return result;

        void Save(TrainingState current)
        {
            current.Save(folder.CheckpointFile, json);
            meter?.Save(folder);
            run.Ranks?.Saved();
        }
    }

    private static Parameters? InitialOf(RunConfiguration configuration) =>
        configuration.StartFrom.Length > 0 ? new RunFolder(configuration.StartFrom).LoadModel().Theta : null;

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

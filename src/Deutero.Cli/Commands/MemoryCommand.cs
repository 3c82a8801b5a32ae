using System.CommandLine;
using System.Text.Json.Nodes;
using Deutero.Cli.Runs;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero memory</c>: the peak memory and the time of a training's first updates.</summary>
internal static class MemoryCommand
{
    /// <summary>The key of the peak in the command's JSON, in bytes.</summary>
    internal const string PeakKey = "peakMemoryBytes";

    private static readonly Option<int> s_updates = new("--updates", "-n") { Description = "Outer updates, at least 2, of which the first is not timed; default 2.", DefaultValueFactory = _ => 2 };

    internal static Command Create() => new Command("memory", "Measure the peak memory and the time of a training's first updates, without writing anything.")
    {
        SharedOptions.Config, SharedOptions.Set, SharedOptions.Data, SharedOptions.Precision, s_updates, SharedOptions.Json,
    }.Explained("""
        Takes the settings of 'deutero train'. The peak is the largest resident memory of this process from its start, as the kernel counts it: what
        a container's limit is compared with, and what 'deutero train --memory-budget' keeps below its budget.

        Example:
          deutero memory --set learner=maml --set learner.steps=10 --set learner.unrolling=checkpointed
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var updates = Math.Max(2, arguments.GetValue(s_updates));
        var configuration = SharedOptions.ConfigurationOf(arguments);
        var training = Run.Open(configuration).Training with
        {
            Validation = null,
            Settings = configuration.Training with { Iterations = updates, ValidateEvery = 0 },
        };
        var (clock, before) = (new Clock(), PeakMemory.Present);
        using var scope = new TensorScope();
        training.Run(training.Start(), progress: clock, cancellation: cancellation);
        cancellation.ThrowIfCancellationRequested();
        var (wall, cpu) = (clock.Wall / (updates - 1), clock.Cpu / (updates - 1));
        Console.WriteLine(arguments.GetValue(SharedOptions.Json)
            ? new JsonObject
            {
                [PeakKey] = PeakMemory.Bytes, ["memoryBeforeBytes"] = before, ["secondsPerUpdate"] = wall, ["cpuSecondsPerUpdate"] = cpu,
            }.ToJsonString(JsonText.Indented)
            : $"peak {ByteSize.Format(PeakMemory.Bytes)}, of which {ByteSize.Format(before)} before training; {wall:F3} s and {cpu:F3} CPU seconds an update");
        return ExitCodes.Done;
    }

    // From the end of the first update to that of the last.
    private sealed class Clock : IProgress<TrainingProgress>
    {
        private (TimeSpan Wall, TimeSpan Cpu)? _first;

        internal double Wall { get; private set; }

        internal double Cpu { get; private set; }

        public void Report(TrainingProgress value)
        {
            var now = (Wall: value.Elapsed, Cpu: Environment.CpuUsage.TotalTime);
            _first ??= now;
            (Wall, Cpu) = ((now.Wall - _first.Value.Wall).TotalSeconds, (now.Cpu - _first.Value.Cpu).TotalSeconds);
        }
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using Deutero.Cli.Commands;
using Deutero.Cli.Configuration;
using Deutero.Learners;
using Deutero.Training;

namespace Deutero.Cli.Runs;

/// <summary>Finds the fastest unrolling with which a run stays below its memory budget.</summary>
/// <remarks>
/// Each candidate runs its first updates in a process of its own ('deutero memory'), with the run's own data, execution mode and threads. The kernel
/// counts what that process takes, native libraries, threads and fragmentation included, which no counter of tensors would see; malloc keeps what
/// one candidate freed, which would count against the next one in the same process; and one that is too large for the machine dies alone.
/// Only exact unrollings are tried in place of one another: mathematics changes where the user says so, and nowhere else.
/// </remarks>
internal static class MemoryBudget
{
    /// <summary>The learner to train with, and what the run folder's environment tells about the choice.</summary>
    /// <param name="Learner">The learner, with the unrolling that was chosen.</param>
    /// <param name="Record">The budget, the choice and the measurements; null without a budget.</param>
    internal sealed record Choice(IMetaLearner Learner, JsonObject? Record);

    /// <summary>Chooses, and says on standard error what was chosen.</summary>
    /// <param name="configuration">The run's configuration.</param>
    /// <param name="resumed">The folder of a run that goes on, whose first choice holds: another one would change the last bits; otherwise null.</param>
    /// <param name="cancellation">Stops the measurement.</param>
    /// <exception cref="ArgumentException">No candidate fits; the message names what the smallest needs.</exception>
    internal static Choice Fit(RunConfiguration configuration, RunFolder? resumed, CancellationToken cancellation)
    {
        if (configuration.Training.MemoryBudget.Length == 0)
        {
            return new(configuration.Learner, null);
        }

        var candidates = Candidates(configuration.Learner);
        return Earlier(candidates, resumed)
            ?? Choose(configuration.Training.MemoryBudget, candidates, learner => Measure(configuration with { Learner = learner }, cancellation), Console.Error);
    }

    /// <summary>The first candidate whose measured peak is within the budget.</summary>
    /// <param name="budget">Such as 2GiB.</param>
    /// <param name="candidates">Named learners, the fastest first.</param>
    /// <param name="measure">From a learner to the peak of its training in bytes, or null where the machine has not so much.</param>
    /// <param name="log">Where the choice is told.</param>
    internal static Choice Choose(string budget, IReadOnlyList<(string Name, IMetaLearner Learner)> candidates, Func<IMetaLearner, long?> measure, TextWriter log)
    {
        var (peaks, found) = (new JsonObject(), new List<string>());
        var limit = ByteSize.TryParse(budget, out var bytes) ? bytes : 0;
        foreach (var (name, learner) in candidates)
        {
            var peak = measure(learner);
            peaks[name] = peak;
            found.Add($"{name} needs {Amount(peak)}");
            if (peak <= limit)
            {
                log.WriteLine($"Memory budget {budget}: {string.Join(", ", found)}; training with {name}.");
                return new(learner, new() { ["budget"] = budget, ["unrolling"] = name, [MemoryCommand.PeakKey] = peaks });
            }
        }

        var advice = candidates[^1].Learner is IUnrolledLearner { Unrolling.IsExact: true }
            ? "; --set learner.unrolling=first-order may need less, but descends along an approximate meta-gradient"
            : "";
        throw new ArgumentException($"The memory budget is {budget} but {string.Join(" and ", found)}{advice}.");
    }

    /// <summary>What may be tried: for a fully unrolled learner the checkpointed one too; any other choice of the user stands.</summary>
    /// <param name="learner">The configured learner.</param>
    internal static IReadOnlyList<(string Name, IMetaLearner Learner)> Candidates(IMetaLearner learner) => learner switch
    {
        IUnrolledLearner { Unrolling: Unrolling.Full full } unrolled => [(Named(full), learner), (Named(new Unrolling.Checkpointed()), unrolled.WithUnrolling(new Unrolling.Checkpointed()))],
        IUnrolledLearner { Unrolling: var asked } => [(Named(asked), learner)],
        _ => [(Named(learner), learner)],
    };

    private static string Named(object record) => Spelling.Name(record.GetType().Name);

    private static string Amount(long? peak) => peak is { } bytes ? ByteSize.Format(bytes) : "more than this machine has";

    private static Choice? Earlier(IReadOnlyList<(string Name, IMetaLearner Learner)> candidates, RunFolder? resumed)
    {
        if (resumed is null || !File.Exists(resumed.EnvironmentFile)
            || JsonNode.Parse(File.ReadAllText(resumed.EnvironmentFile))?[RunEnvironment.MemoryKey] is not JsonObject record)
        {
            return null;
        }

        var learner = candidates.FirstOrDefault(candidate => candidate.Name == (string?)record["unrolling"]).Learner;
        return learner is null ? null : new(learner, record.DeepClone().AsObject());
    }

    private static long? Measure(RunConfiguration configuration, CancellationToken cancellation)
    {
        const int Killed = 128 + 9;
        var file = Path.Combine(Path.GetTempPath(), $"deutero-{Guid.NewGuid():N}.json");
        try
        {
            File.WriteAllText(file, Run.Schema.ToJson(configuration));
            using var process = Process.Start(Itself("memory", "--config", file, "--json"))!;
            using var stop = cancellation.Register(process.Kill);
            var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            return process.ExitCode switch
            {
                ExitCodes.Done => (long)JsonNode.Parse(output)![MemoryCommand.PeakKey]!,
                Killed => null,
                ExitCodes.Cancelled => throw new OperationCanceledException(),
                ExitCodes.Refused => throw new ArgumentException(error.GetAwaiter().GetResult().Trim()),
                var code => throw new InvalidOperationException($"Measuring the memory ended with exit code {code}: {error.GetAwaiter().GetResult()}"),
            };
        }
        finally
        {
            File.Delete(file);
        }
    }

    // From a checkout the program is 'dotnet Deutero.Cli.dll', as a tool it is one file.
    private static ProcessStartInfo Itself(params string[] arguments)
    {
        var program = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new(program, isHost ? [Environment.GetCommandLineArgs()[0], .. arguments] : arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
    }
}

using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Training;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero bench</c>: tasks per second and peak memory of fixed workloads, in each execution mode.</summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private static readonly Option<string[]> s_workloads = new("--workload", "-w")
    {
        Description = $"One of {string.Join(", ", Workload.All.Select(workload => workload.Name))}; may be repeated; default all.", HelpName = "NAME",
    };

    private static readonly Option<Execution[]> s_executions = new("--execution") { Description = "Loop, Parallel or Vectorised; may be repeated; default all three." };

    private static readonly Option<int> s_threads = new("--threads") { Description = "Threads; default one per core.", DefaultValueFactory = _ => Environment.ProcessorCount };

    private static readonly Option<int> s_repetitions = new("--repetitions", "-n") { Description = "Timed repetitions after a warm-up, of which the median counts; default 5.", DefaultValueFactory = _ => 5 };

    internal static Command Create() => new Command("bench", "Measure tasks per second and peak memory of fixed workloads.")
    {
        s_workloads, s_executions, s_threads, s_repetitions, SharedOptions.Json,
    }.Explained("""
        Shapes are fixed: maml-* are 8 tasks of 5-way 1-shot with 15 queries a class on Conv4-64 at 28x28 (so: second order, fo: first order;
        1 or 5 inner steps), proto60 is one 60-way 1-shot episode with 5 queries, sine-* are 25 tasks of 10 points on an MLP 1-40-40-1.

        Example:
          deutero bench --workload proto60 --execution Loop --threads 2 --json
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var workloads = arguments.GetValue(s_workloads) is { Length: > 0 } names ? [.. names.Select(Workload.Find)] : Workload.All;
        var executions = arguments.GetValue(s_executions) is { Length: > 0 } chosen ? chosen : [Execution.Loop, Execution.Parallel, Execution.Vectorised];
        var results = new List<BenchResult>();
        foreach (var workload in workloads)
        {
            foreach (var execution in executions)
            {
                cancellation.ThrowIfCancellationRequested();
                Console.Error.WriteLine($"{workload.Name}, {execution} ...");
                results.Add(workload.Measure(execution, arguments.GetValue(s_threads), arguments.GetValue(s_repetitions)));
            }
        }

        Console.WriteLine(arguments.GetValue(SharedOptions.Json) ? Json(results) : Table(results));
        return ExitCodes.Done;
    }

    private static string Table(IEnumerable<BenchResult> results) => new TextTable
    {
        Columns = ["workload", "execution", "threads", "tasks/s", "CPU ms/task", "wall ms/task", "peak MB"],
        Rows = [.. results.Select(result => (IReadOnlyList<string>)
        [
            result.Workload, result.Execution.ToString(), $"{result.Threads}", $"{result.TasksPerSecond:F1}", $"{1000 * result.CpuSecondsPerTask:F2}",
            $"{1000 * result.WallSecondsPerTask:F2}", $"{result.PeakMemoryBytes / 1e6:F0}",
        ])],
    }.Render();

    private static string Json(IEnumerable<BenchResult> results) => new JsonObject
    {
        ["environment"] = JsonNode.Parse(RunEnvironment.Json()),
        ["results"] = new JsonArray([.. results.Select(result => (JsonNode)new JsonObject
        {
            ["workload"] = result.Workload, ["execution"] = result.Execution.ToString(), ["threads"] = result.Threads, ["precision"] = "float32",
            ["tasksPerSecond"] = result.TasksPerSecond, ["cpuSecondsPerTask"] = result.CpuSecondsPerTask,
            ["wallSecondsPerTask"] = result.WallSecondsPerTask, ["peakMemoryBytes"] = result.PeakMemoryBytes,
        })]),
    }.ToJsonString(s_indented);
}

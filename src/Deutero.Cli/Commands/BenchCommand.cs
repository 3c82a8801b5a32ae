using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Cli.Benchmarks;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero bench</c>: time and peak memory of fixed workloads, alone or taking turns with a peer.</summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private static readonly Option<string[]> s_workloads = new("--workload", "-w")
    {
        Description = $"One of {string.Join(", ", Workload.All.Select(workload => workload.Name))}; may be repeated; default all.", HelpName = "NAME",
    };

    private static readonly Option<Execution[]> s_executions = new("--execution") { Description = "Auto, Loop, Parallel or Vectorised; may be repeated; default Auto, which takes the fastest." };

    private static readonly Option<int> s_threads = Positive("--threads", "Threads; default one per core.", Environment.ProcessorCount);

    private static readonly Option<int> s_repetitions = Positive("--repetitions", "Timed repetitions after a warm-up, of which the median counts; default 5.", 5, "-n");

    private static readonly Option<string?> s_peer = new("--peer") { Description = "A program that measures the same workloads; its runs take turns with ours.", HelpName = "COMMAND" };

    private static readonly Option<int> s_rounds = Positive("--rounds", "Runs of ours and of the peer's in turn, of which the medians count; default 3.", 3);

    private static readonly Option<string?> s_output = new("--output", "-o") { Description = "Also write the JSON to a file.", HelpName = "FILE" };

    private static readonly Option<bool> s_inProcess = new("--in-process") { Description = "Measure one workload in this process and print its result.", Hidden = true };

    internal static Command Create() => new Command("bench", "Measure time per task and peak memory of fixed workloads, alone or beside a peer.")
    {
        s_workloads, s_executions, s_threads, s_repetitions, SharedOptions.Device, SharedOptions.Precision, s_peer, s_rounds, s_output, SharedOptions.Json, s_inProcess,
        BenchServeCommand.Create(), BenchEdgeCommand.Create(),
    }.Explained("""
        Shapes are fixed: maml-* are 8 tasks of 5-way 1-shot with 15 queries a class on Conv4-64 at 28x28 (so: second order, fo: first order;
        1 or 5 inner steps), anil5 the same with 5 steps of the head alone, proto60 is one 60-way 1-shot episode with 5 queries, sine-* are 25 tasks
        of 10 points on an MLP 1-40-40-1, mini-* are 4 tasks on Conv4-32 at 84x84 in colour. embed counts images through Conv4-64 without
        gradients, call counts products of 10x10 matrices. Each is measured in a process of its own. bench/README.md says more.

        Examples:
          deutero bench --workload proto60 --execution Loop --threads 2 --json
          deutero bench --workload maml-so1 --peer "/usr/bin/python3 bench/peers/eager.py"
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var waitPolicy = BenchProcess.OpenMpWaitPolicy ?? "not set";
        var workloads = arguments.GetValue(s_workloads) is { Length: > 0 } names ? [.. names.Select(Workload.Find)] : Workload.All;
        var executions = arguments.GetValue(s_executions) is { Length: > 0 } chosen ? chosen : [Execution.Auto];
        var device = Device.Parse(arguments.GetValue(SharedOptions.Device) ?? "cpu");
        device = device == Device.Cpu ? device : Run.Available(device);
        var precision = SharedOptions.PrecisionOf(arguments.GetValue(SharedOptions.Precision));
        if (arguments.GetValue(s_inProcess))
        {
            var settings = new BenchSettings
            {
                Execution = executions[0], Threads = arguments.GetValue(s_threads), Repetitions = arguments.GetValue(s_repetitions), Device = device, Precision = precision,
            };
            Console.WriteLine(JsonSerializer.Serialize(workloads[0].Measure(settings), BenchResult.Format));
            return ExitCodes.Done;
        }

        var comparisons = workloads.SelectMany(workload => Compare(arguments, workload.Name, executions, device, cancellation)).ToArray();
        var json = Json(comparisons, waitPolicy);
        if (arguments.GetValue(s_output) is { } file)
        {
            RunFolder.WriteText(file, json + "\n");
        }

        Console.WriteLine(arguments.GetValue(SharedOptions.Json) ? json : Table(comparisons));
        return ExitCodes.Done;
    }

    private static IEnumerable<Comparison> Compare(ParseResult arguments, string workload, Execution[] executions, Device device, CancellationToken cancellation)
    {
        string[] common = ["--workload", workload, "--threads", $"{arguments.GetValue(s_threads)}", "--repetitions", $"{arguments.GetValue(s_repetitions)}"];
        string[] peer = [.. CommandLineParser.SplitCommandLine(arguments.GetValue(s_peer) ?? "")];
        var ours = executions.ToDictionary(execution => execution, _ => new List<BenchResult>());
        var peers = new List<BenchResult>();
        string[] precision = arguments.GetValue(SharedOptions.Precision) is { } name ? ["--precision", name] : [];
        for (var round = 1; round <= (peer.Length > 0 ? arguments.GetValue(s_rounds) : 1); round++)
        {
            Console.Error.WriteLine(peer.Length > 0 ? $"{workload}, round {round} ..." : $"{workload} ...");
            foreach (var execution in executions)
            {
                ours[execution].Add(BenchProcess.Run(
                    [.. BenchProcess.Deutero, "bench", .. common, "--execution", $"{execution}", "--device", $"{device}", .. precision, "--in-process"], cancellation));
            }

            if (peer.Length > 0)
            {
                peers.Add(BenchProcess.Run([.. peer, .. common], cancellation));
            }
        }

        return executions.Select(execution => new Comparison(ours[execution], peers));
    }

    private static string Table(Comparison[] comparisons)
    {
        var withPeer = comparisons.Any(comparison => comparison.Peer is not null);
        return new TextTable
        {
            Columns =
            [
                "workload", "execution", "threads", "precision", "tasks/s", "CPU ms/task", "wall ms/task", "peak MB",
                .. withPeer ? ["peer CPU ms/task", "peer CPU / ours", "peer peak MB"] : Array.Empty<string>(),
            ],
            Rows = [.. comparisons.Select(comparison => (IReadOnlyList<string>)
            [
                comparison.Ours.Workload, comparison.Ours.Execution, $"{comparison.Ours.Threads}", comparison.Ours.Precision, $"{comparison.Ours.TasksPerSecond:F1}",
                Milliseconds(comparison.Ours.CpuSecondsPerTask), Milliseconds(comparison.Ours.WallSecondsPerTask), $"{comparison.Ours.PeakMemoryBytes / 1e6:F0}",
                .. comparison.Peer is { } peer
                    ? [Milliseconds(peer.CpuSecondsPerTask), $"{comparison.CpuRatio:F2}", $"{peer.PeakMemoryBytes / 1e6:F0}"]
                    : Array.Empty<string>(),
            ])],
        }.Render();
    }

    private static string Milliseconds(double seconds) => seconds < 1e-3 ? $"{1000 * seconds:F5}" : $"{1000 * seconds:F2}";

    private static string Json(Comparison[] comparisons, string waitPolicy) => new JsonObject
    {
        ["environment"] = JsonNode.Parse(RunEnvironment.Json(more: ("OMP_WAIT_POLICY", waitPolicy))),
        ["results"] = new JsonArray([.. comparisons.Select(comparison => (JsonNode)comparison.ToJson())]),
    }.ToJsonString(s_indented);

    internal static Option<int> Positive(string name, string description, int fallback, params string[] aliases)
    {
        var option = new Option<int>(name, aliases) { Description = description, DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be a whole number of at least 1.");
            }
        });
        return option;
    }
}

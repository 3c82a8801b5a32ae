using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Cli.Benchmarks;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero bench serve</c>: latency and load of the adaptation service.</summary>
internal static class BenchServeCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private static readonly Option<string?> s_model = new("--model", "-m")
    {
        Description = "A run folder of a model of 28x28 images; default a prototypical network on Conv4-64 with running statistics, trained for two updates.", HelpName = "FOLDER",
    };

    private static readonly Option<int> s_seconds = BenchCommand.Positive("--seconds", "How long predictions are held; default 300.", 300);

    private static readonly Option<int> s_rate = BenchCommand.Positive("--rate", "Predictions a second that are held; default 500.", 500);

    private static readonly Option<int> s_connections = BenchCommand.Positive("--connections", "Requests under way at the same time; default 16.", 16);

    private static readonly Option<string?> s_output = new("--output", "-o") { Description = "Also write the JSON to a file.", HelpName = "FILE" };

    internal static Command Create() => new Command("serve", "Measure the adaptation service: latency in process and over HTTP, and the load that it holds.")
    {
        s_model, s_seconds, s_rate, s_connections, SharedOptions.Json, s_output,
    }.Explained("""
        Adapts to 5 classes of 5 images and predicts one image: in this process on one thread, then over HTTP against a 'deutero serve' of its own on this
        machine, which this process sends the load to: one request at a time, as many as it takes, at half of that rate, and at --rate for --seconds.

        Examples:
          deutero bench serve
          deutero bench serve --model runs/first --seconds 30 --json
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var scratch = Directory.CreateTempSubdirectory("deutero-bench-").FullName;
        try
        {
            var model = arguments.GetValue(s_model) ?? Trained(Path.Combine(scratch, "run"));
            using var bench = new ServeBench(
                model, arguments.GetValue(s_connections), arguments.GetValue(s_rate),
                TimeSpan.FromSeconds(arguments.GetValue(s_seconds)));
            var (adapt, predict) = new EdgeBench(model).Measure(cancellation);
            var figures = new JsonObject
            {
                ["inProcess"] = new JsonObject { ["adapt"] = ServeBench.Json(adapt), ["predict"] = ServeBench.Json(predict) },
                ["http"] = bench.OverHttp(cancellation).GetAwaiter().GetResult(),
                ["environment"] = JsonNode.Parse(RunEnvironment.Json()),
            };
            var json = figures.ToJsonString(s_indented);
            if (arguments.GetValue(s_output) is { } file)
            {
                RunFolder.WriteText(file, json + "\n");
            }

            Console.WriteLine(arguments.GetValue(SharedOptions.Json) ? json : Table(figures));
            return ExitCodes.Done;
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    // Weights do not matter to how long it takes.
    private static string Trained(string folder)
    {
        string[] settings =
        [
            "model.batchNorm=running", "model.filters=64", "training.iterations=2", "training.metaBatch=1", "training.validateEvery=0", "evaluation.episodes=2",
        ];
        string[] command = [.. BenchProcess.Deutero, "train", "-o", folder, .. settings.SelectMany(setting => (string[])["--set", setting])];
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? folder : throw new InvalidDataException("The model to measure could not be trained.");
    }

    private static string Table(JsonObject figures)
    {
        var rows = new List<IReadOnlyList<string>>();
        void Row(string name, JsonNode part) => rows.Add(
        [
            name, part["offeredPerSecond"] is { } offered ? $"{(double)offered:F0}" : "", part["perSecond"] is { } held ? $"{(double)held:F0}" : "",
            $"{(double)part["p50Ms"]!:F2}", $"{(double)part["p99Ms"]!:F2}", $"{(double)part["longestMs"]!:F1}", $"{part["errors"]}",
        ]);
        foreach (var kind in (string[])["adapt", "predict"])
        {
            Row($"{kind}, in process", figures["inProcess"]![kind]!);
            Row($"{kind}, HTTP, one at a time", figures["http"]![kind]!["alone"]!);
            Row($"{kind}, HTTP, highest load", figures["http"]![kind]!["highest"]!);
            Row($"{kind}, HTTP, half of it", figures["http"]![kind]!["half"]!);
        }

        var last = figures["http"]!["held"]!;
        Row("predict, HTTP, held", last);
        var table = new TextTable { Columns = ["what", "offered/s", "answered/s", "p50 ms", "p99 ms", "longest ms", "errors"], Rows = rows };
        return $"{table.Render()}held for {(double)last["seconds"]!:F0} s; resident MB of the service: {string.Join(" ", last["residentMB"]!.AsArray())}, grown by {last["grewMB"]}";
    }
}

using System.CommandLine;
using System.Text.Json.Nodes;
using Deutero.Cli.Benchmarks;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero bench edge</c>: latency of adapting and predicting inside a program.</summary>
internal static class BenchEdgeCommand
{
    private static readonly Argument<string> s_model = new("model") { Description = "A run folder written by 'deutero train', or a package." };

    private static readonly Option<int> s_ways = BenchCommand.Positive("--ways", "Classes of the support set; default 5, or as many as the model has.", 5);

    private static readonly Option<int> s_shots = BenchCommand.Positive("--shots", "Examples of each class; default 5.", 5);

    internal static Command Create() => new Command("edge", "Measure adaptation and prediction of Deutero.Edge in this process, on one thread.")
    {
        s_model, s_ways, s_shots, SharedOptions.Json,
    }.Explained("""
        Adapts 300 times to the same support set, and predicts 2,000 times one item, after a tenth as many that do not count.

        Examples:
          deutero bench edge runs/first
          deutero bench edge letters.deutero --shots 1 --json
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var bench = new EdgeBench(arguments.GetValue(s_model)!, arguments.GetValue(s_ways), arguments.GetValue(s_shots));
        var (adapt, predict) = bench.Measure(cancellation);
        Console.WriteLine(arguments.GetValue(SharedOptions.Json)
            ? new JsonObject
            {
                ["adapt"] = ServeBench.Json(adapt), ["predict"] = ServeBench.Json(predict), ["environment"] = JsonNode.Parse(RunEnvironment.Json()),
            }.ToJsonString(JsonText.Indented)
            : new TextTable { Columns = ["what", "times", "p50 ms", "p99 ms", "longest ms"], Rows = [Row("adapt", adapt), Row("predict", predict)] }.Render().TrimEnd());
        return ExitCodes.Done;
    }

    private static string[] Row(string name, Latencies time) => [name, $"{time.Count}", $"{time.P50:F3}", $"{time.P99:F3}", $"{time.Longest:F2}"];
}

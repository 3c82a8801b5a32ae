using System.Text.Json.Nodes;
using Deutero.Cli.Reports;

namespace Deutero.Cli.Ledger;

/// <summary>The sections that are made of what other commands wrote beside the records.</summary>
internal static class LedgerMeasurements
{
    /// <summary>What <c>deutero certify --json</c> wrote.</summary>
    internal const string CertificatesFile = "certificates.json";

    /// <summary>What <c>deutero bench --json</c> wrote.</summary>
    internal const string BenchFile = "bench.json";

    /// <summary>The sections whose files are there.</summary>
    /// <param name="folder">The folder of the records.</param>
    internal static IEnumerable<ReportSection> Of(string folder) =>
        Section(folder, CertificatesFile, Exactness).Concat(Section(folder, BenchFile, Speed));

    private static IEnumerable<ReportSection> Section(string folder, string name, Func<JsonNode, ReportSection> section)
    {
        var file = Path.Combine(folder, name);
        return File.Exists(file) ? [section(JsonNode.Parse(File.ReadAllText(file))!)] : [];
    }

    private static ReportSection Exactness(JsonNode certificates) => new()
    {
        Heading = "Exactness",
        Paragraphs = LedgerText.Exactness,
        Tables =
        [
            new()
            {
                Title = "", Columns = ["learner", "relative error", "tolerance", "holds", "method"],
                Rows = [.. certificates.AsArray().Select(one => (IReadOnlyList<string>)
                [
                    $"{one!["learner"]}", $"{(double)one["relativeError"]!:E1}", $"{(double)one["tolerance"]!:E0}", (bool)one["holds"]! ? "yes" : "NO", $"{one["method"]}",
                ])],
            },
        ],
    };

    private static ReportSection Speed(JsonNode bench) => new()
    {
        Heading = "Speed",
        Paragraphs = [.. LedgerText.Speed, $"{bench["environment"]?["processor"]}, {bench["environment"]?["cores"]} cores, libtorch {bench["environment"]?["libtorch"]}."],
        Tables =
        [
            new()
            {
                Title = "", Columns = ["workload", "execution", "threads", "precision", "tasks/s", "CPU ms/task", "wall ms/task", "peak MB", "peer CPU / ours"],
                Rows = [.. bench["results"]!.AsArray().Select(one => (IReadOnlyList<string>)
                [
                    $"{one!["workload"]}", $"{one["execution"]}", $"{one["threads"]}", $"{one["precision"]}", $"{(double)one["tasksPerSecond"]!:F1}",
                    $"{1000 * (double)one["cpuSecondsPerTask"]!:G3}", $"{1000 * (double)one["wallSecondsPerTask"]!:G3}", $"{(double)one["peakMemoryBytes"]! / 1e6:F0}",
                    one["cpuRatio"] is { } ratio ? $"{(double)ratio:F2}" : "–",
                ])],
            },
        ],
    };
}

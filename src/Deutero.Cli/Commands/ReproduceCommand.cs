using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Evaluation;
using Deutero.Training;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero reproduce</c>: trains a published setting, or continues it, and compares the figures.</summary>
internal static class ReproduceCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private static readonly Argument<string?> s_name = new("name") { Description = "The reproduction; leave it out to list them.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<string> s_output = new("--output", "-o") { Description = "The folder below which each reproduction has its run folder; default runs.", HelpName = "FOLDER", DefaultValueFactory = _ => "runs" };

    internal static Command Create() => new Command("reproduce", "Train a published setting and compare its figures; interrupted, the same command continues.")
    {
        s_name, s_output, SharedOptions.Set, SharedOptions.Data, SharedOptions.Device, SharedOptions.Precision, SharedOptions.Json,
    }.Explained("""
        Without a name, lists what can be reproduced. The run folder holds the model, the report and reproduction.json with the figures
        beside the published ones. Exit code 3 when a figure misses its bound.

        Example:
          deutero reproduce sinusoid-maml
          deutero reproduce omniglot-protonet --data my-data
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        if (arguments.GetValue(s_name) is not { } name)
        {
            var rows = Reproduction.All.Select(one => (IReadOnlyList<string>)[one.Name, one.Title]).ToArray();
            Console.WriteLine(new TextTable { Columns = ["name", "reproduces"], Rows = rows }.Render());
            return ExitCodes.Done;
        }

        var reproduction = Reproduction.Find(name);
        var settings = SharedOptions.SettingsOf(arguments);
        var folder = new RunFolder(Path.Combine(arguments.GetValue(s_output)!, name));
        var run = Run.Open(Configuration(reproduction, settings));
        using var ranks = Ranks.Join(run.Configuration, cancellation, out cancellation);
        run.Ranks = ranks;
        if (ranks.IsFirst)
        {
            Directory.CreateDirectory(folder.Path);
        }

        var watch = Stopwatch.StartNew();
        if (NeedsTraining(run)
            && TrainCommand.Train(run, folder, Run.Schema.ToJson(run.Configuration), cancellation).Outcome == TrainingOutcome.Cancelled)
        {
            ranks.Progress.WriteLine("Stopped and saved; the same command continues.");
            return ExitCodes.Cancelled;
        }

        var figures = reproduction.Checks.GroupBy(check => string.Join(' ', check.Settings))
            .SelectMany(group => Judge(reproduction, folder, settings, [.. group], ranks, cancellation)).ToArray();
        var code = figures.All(figure => figure.Verdict is "reproduced" or "measured") ? ExitCodes.Done : ExitCodes.CheckFailed;
        if (!ranks.IsFirst)
        {
            return code;
        }

        var document = Document(reproduction, run, figures, watch.Elapsed);
        RunFolder.WriteText(Path.Combine(folder.Path, "reproduction.json"), document);
        Console.WriteLine(arguments.GetValue(SharedOptions.Json) ? document : Table(reproduction, figures));
        return code;
    }

    private static bool NeedsTraining(Run run) => run.Configuration.Learner.Init(run.Model, Torch.Generator.Seed(0)).Count > 0;

    private static RunConfiguration Configuration(Reproduction reproduction, IEnumerable<string> settings) =>
        Run.Schema.Parse<RunConfiguration>(reproduction.Configuration, reproduction.Name, [.. settings]);

    private static IEnumerable<Figure> Judge(
        Reproduction reproduction, RunFolder folder, string[] settings, ReproductionCheck[] checks, Ranks ranks, CancellationToken cancellation)
    {
        var run = Run.Open(Configuration(reproduction, [.. settings, .. checks[0].Settings]));
        run.Ranks = ranks;
        var result = EvaluateCommand.Evaluate(run, NeedsTraining(run) ? folder : null, cancellation);
        return checks.Select(check =>
        {
            var score = check.ScoreOf(result);
            var scale = result.Metric == "accuracy" ? 100 : 1;
            return new Figure(check, scale * score.Mean, scale * score.HalfWidth, check.Verdict(scale * score.Mean), result);
        });
    }

    private static string Table(Reproduction reproduction, Figure[] figures) =>
        $"{reproduction.Title}\n{reproduction.Deviations}\n\n" + new TextTable
        {
            Columns = ["figure", "reached", "95%", "wanted", "published", "verdict"],
            Rows = [.. figures.Select(figure => (IReadOnlyList<string>)
            [
                figure.Check.Name, $"{figure.Score:F2}", $"± {figure.HalfWidth:F2}", Wanted(figure.Check), $"{figure.Check.Published:F2}", figure.Verdict,
            ])],
        }.Render();

    private static string Wanted(ReproductionCheck check) => (check.AtLeast, check.AtMost) switch
    {
        ({ } least, { } most) => $"{least:F2} to {most:F2}",
        ({ } least, null) => $">= {least:F2}",
        (null, { } most) => $"<= {most:F2}",
        _ => "",
    };

    private static string Document(Reproduction reproduction, Run run, Figure[] figures, TimeSpan elapsed)
    {
        var process = Process.GetCurrentProcess();
        return new JsonObject
        {
            ["reproduction"] = reproduction.Name,
            ["title"] = reproduction.Title,
            ["deviations"] = reproduction.Deviations,
            ["command"] = $"deutero reproduce {reproduction.Name}",
            ["configurationHash"] = Run.Schema.Hash(run.Configuration),
            ["configuration"] = JsonNode.Parse(Run.Schema.ToJson(run.Configuration)),
            ["environment"] = JsonNode.Parse(RunEnvironment.Json()),
            ["secondsOfThisCommand"] = Math.Round(elapsed.TotalSeconds, 1),
            ["cpuSecondsOfThisCommand"] = Math.Round(process.TotalProcessorTime.TotalSeconds, 1),
            ["peakMemoryBytes"] = process.PeakWorkingSet64,
            ["figures"] = new JsonArray([.. figures.Select(figure => (JsonNode)new JsonObject
            {
                ["name"] = figure.Check.Name, ["score"] = figure.Score, ["halfWidth95"] = figure.HalfWidth, ["published"] = figure.Check.Published,
                ["atLeast"] = figure.Check.AtLeast, ["atMost"] = figure.Check.AtMost, ["verdict"] = figure.Verdict, ["metric"] = figure.Result.Metric,
                ["episodes"] = figure.Result.Episodes.Count, ["source"] = figure.Result.Source, ["batchNorm"] = figure.Result.BatchNorm.ToString(),
                ["transductive"] = figure.Result.Transductive, ["episodeSeed"] = figure.Result.Seed, ["episodeHash"] = figure.Result.EpisodeHash,
                ["curve"] = new JsonArray([.. figure.Result.Curve.Select(value => (JsonNode)value.Mean)]),
            })]),
        }.ToJsonString(s_indented);
    }

    private sealed record Figure(ReproductionCheck Check, double Score, double HalfWidth, string Verdict, EvaluationResult Result);
}

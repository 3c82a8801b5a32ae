using System.CommandLine;
using System.Text.Json.Nodes;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Evaluation;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero compare</c>: paired differences of runs that were evaluated on the same frozen episodes.</summary>
internal static class CompareCommand
{
    private static readonly Argument<string[]> s_runs = new("runs") { Description = "Two or more run folders, or evaluation.json files; the first is the reference.", Arity = new(2, 20) };

    internal static Command Create() => new Command("compare", "Compare runs pairwise on identical test episodes.") { s_runs, SharedOptions.Json }.Explained("""
        Both runs must have been evaluated on the same frozen episodes: the hash in evaluation.json says so. Differences are paired
        episode by episode, so that their interval is far narrower than that of either score.

        Example:
          deutero compare runs/protonet runs/maml
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var evaluations = arguments.GetValue(s_runs)!.Select(Read).ToArray();
        var reference = evaluations[0];
        var rows = new List<(Evaluated Run, Interval Score, Interval Difference)>();
        foreach (var other in evaluations)
        {
            if (other.Hash != reference.Hash)
            {
                throw new InvalidDataException($"{other.Path} was evaluated on other episodes ({other.Hash[..16]}) than {reference.Path} ({reference.Hash[..16]}): use the same data, episode settings and evaluation.seed.");
            }

            rows.Add((other, Interval.Of(other.Scores), Interval.OfDifferences(other.Scores, reference.Scores)));
        }

        Console.WriteLine(arguments.GetValue(SharedOptions.Json) ? Json(rows) : Table(rows));
        return ExitCodes.Done;
    }

    private static Evaluated Read(string path)
    {
        var file = Directory.Exists(path) ? new RunFolder(path).EvaluationFile : path;
        try
        {
            var document = JsonNode.Parse(File.ReadAllText(file))!;
            var scores = document["perEpisode"]!.AsArray().Select(episode => episode!["score"]!.GetValue<double>()).ToArray();
            return new(path, document["learner"]!.GetValue<string>(), document["metric"]!.GetValue<string>(), document["episodeHash"]!.GetValue<string>(), scores);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file} is not an evaluation with per-episode results, as 'deutero train' writes them.", exception);
        }
    }

    private static string Table(List<(Evaluated Run, Interval Score, Interval Difference)> rows) => new TextTable
    {
        Columns = ["run", "learner", rows[0].Run.Metric, "95%", "difference", "95%"],
        Rows = [.. rows.Select(row => (IReadOnlyList<string>)
        [
            row.Run.Path, row.Run.Learner, $"{row.Score.Mean:F4}", $"± {row.Score.HalfWidth:F4}", $"{row.Difference.Mean:F4}", $"± {row.Difference.HalfWidth:F4}",
        ])],
    }.Render();

    private static string Json(List<(Evaluated Run, Interval Score, Interval Difference)> rows) => new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject
    {
        ["run"] = row.Run.Path, ["learner"] = row.Run.Learner, ["mean"] = row.Score.Mean, ["halfWidth95"] = row.Score.HalfWidth,
        ["difference"] = row.Difference.Mean, ["differenceHalfWidth95"] = row.Difference.HalfWidth,
    })]).ToJsonString();

    private sealed record Evaluated(string Path, string Learner, string Metric, string Hash, double[] Scores);
}

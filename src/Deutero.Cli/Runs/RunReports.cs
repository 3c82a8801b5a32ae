using System.Text.Json.Nodes;
using Deutero.Cli.Reports;
using Deutero.Evaluation;

namespace Deutero.Cli.Runs;

/// <summary>The report and the model card of a run.</summary>
public static class RunReports
{
    /// <summary>Writes both into the run's folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="run">The run.</param>
    /// <param name="result">Its evaluation.</param>
    public static void Write(RunFolder folder, Run run, EvaluationResult result)
    {
        var configuration = Run.Schema.ToJson(run.Configuration);
        var (theta, statistics) = folder.LoadModel();
        var summary = Summary(run, result);
        var report = new RunReport
        {
            Title = $"{result.Learner} on {run.Configuration.Data.Name}",
            Subtitle = result.Source,
            Summary = summary,
            Charts = [.. TrainingCharts(MetricsLog.Read(folder.MetricsFile)), .. AdaptationChart(result), .. CalibrationCharts.Of(result)],
            Images = EpisodePictures.Of(run, theta.To(run.Device), statistics.To(run.Device)),
            ConfigurationJson = configuration,
            Environment = RunEnvironment.Describe(),
        };
        RunFolder.WriteText(folder.ReportFile, HtmlReport.Render(report));
        RunFolder.WriteText(folder.CardFile, Card(report.Title, summary));
    }

    private static List<(string Key, string Value)> Summary(Run run, EvaluationResult result)
    {
        var scale = result.IsFraction ? 100 : 1;
        var unit = result.IsFraction ? " %" : "";
        return
        [
            (result.Metric, $"{scale * result.Score.Mean:F2} ± {scale * result.Score.HalfWidth:F2}{unit} (95%)"),
            .. result.ScoreBySource.Select(source => (source.Key, $"{scale * source.Value.Mean:F2} ± {scale * source.Value.HalfWidth:F2}{unit} (95%), {source.Value.Count} episodes")),
            ("test episodes", $"{result.Episodes.Count}, {result.Source}"),
            ("BatchNorm", $"{result.BatchNormStatistics}{(result.Transductive ? " (transductive)" : "")}"),
            ("episode list", $"seed {result.Seed}, hash {result.EpisodeHash[..16]}"),
            ("training", $"{run.Configuration.Training.Iterations} iterations of {run.Configuration.Training.MetaBatch} episodes, {run.Tasks.Train.Name}"),
            ("seed", $"{run.Configuration.Training.Seed}"),
        ];
    }

    private static IEnumerable<Chart> TrainingCharts(IReadOnlyList<JsonObject> rows)
    {
        yield return Over("Query loss in meta-training", "loss", rows, ("meta-training", "loss", null));
        if (rows.Any(row => row.ContainsKey("accuracy") || row.ContainsKey("validation")))
        {
            yield return Over(
                "Query score", "score", rows, ("meta-training", "accuracy", null), ("meta-validation", "validation", "validationHalfWidth"));
        }
    }

    private static Chart Over(string title, string y, IReadOnlyList<JsonObject> rows, params (string Name, string Key, string? HalfWidth)[] series) => new()
    {
        Title = title,
        XTitle = "iteration",
        YTitle = y,
        Series = [.. series.Select(one => Line(rows.Where(row => row.ContainsKey(one.Key)).ToArray(), one.Name, one.Key, one.HalfWidth)).Where(line => line.X.Count > 0)],
    };

    private static Series Line(JsonObject[] rows, string name, string key, string? halfWidth)
    {
        double[] Column(string column) => Array.ConvertAll(rows, row => row[column]!.GetValue<double>());
        var line = new Series { Name = name, X = Array.ConvertAll(rows, row => (double)row["iteration"]!.GetValue<int>()), Y = Column(key) };
        if (halfWidth is null)
        {
            return line;
        }

        var band = line.Y.Zip(Column(halfWidth)).ToArray();
        return line with { Low = [.. band.Select(pair => pair.First - pair.Second)], High = [.. band.Select(pair => pair.First + pair.Second)] };
    }

    private static IEnumerable<Chart> AdaptationChart(EvaluationResult result)
    {
        var curve = result.Curve;
        if (curve.Count < 2)
        {
            yield break;
        }

        yield return new Chart
        {
            Title = "Adaptation to unseen test tasks",
            XTitle = "inner step",
            YTitle = result.Metric,
            Series =
            [
                new Series
                {
                    Name = result.Learner, X = [.. Enumerable.Range(0, curve.Count).Select(step => (double)step)], Y = [.. curve.Select(value => value.Mean)],
                    Low = [.. curve.Select(value => value.Mean - value.HalfWidth)], High = [.. curve.Select(value => value.Mean + value.HalfWidth)],
                },
            ],
        };
    }

    private static string Card(string title, List<(string Key, string Value)> summary) =>
        $"# {title}\n\n{string.Join('\n', summary.Select(pair => $"- {pair.Key}: {pair.Value}"))}\n\n" +
        "`model.safetensors` holds the meta-parameters under `theta.` (and running BatchNorm statistics under `statistics.`), with the complete\n" +
        "configuration in its metadata. Adapt it to a task of your own with `deutero adapt`. The figure above is the mean over test episodes of classes\n" +
        "that meta-training never saw; it says nothing about data of another kind.\n";
}

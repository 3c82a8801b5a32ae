using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Evaluation;

namespace Deutero.Cli.Runs;

/// <summary>Evaluations as JSON.</summary>
public static class EvaluationJson
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Writes an evaluation.</summary>
    /// <param name="result">The evaluation.</param>
    /// <param name="configuration">The configuration's JSON.</param>
    /// <param name="withEpisodes">Whether to list every episode with its score and items.</param>
    public static string Of(EvaluationResult result, string configuration, bool withEpisodes)
    {
        var document = new JsonObject
        {
            ["learner"] = result.Learner,
            ["source"] = result.Source,
            ["metric"] = result.Metric,
            ["mean"] = result.Score.Mean,
            ["halfWidth95"] = result.Score.HalfWidth,
            ["episodes"] = result.Episodes.Count,
            ["sources"] = new JsonArray([.. result.ScoreBySource.Select(source => (JsonNode)new JsonObject
            {
                ["source"] = source.Key, ["mean"] = source.Value.Mean, ["halfWidth95"] = double.IsFinite(source.Value.HalfWidth) ? source.Value.HalfWidth : null, // of one episode there is none
                ["episodes"] = source.Value.Count,
            })]),
            ["loss"] = result.Loss.Mean,
            ["curve"] = new JsonArray([.. result.Curve.Select(value => (JsonNode)value.Mean)]),
            ["calibration"] = Of(result.Calibration),
            ["batchNorm"] = result.BatchNormStatistics,
            ["transductive"] = result.Transductive,
            ["episodeSeed"] = result.Seed,
            ["episodeHash"] = result.EpisodeHash,
            ["configuration"] = JsonNode.Parse(configuration),
        };
        if (withEpisodes)
        {
            document["perEpisode"] = new JsonArray([.. result.Episodes.Select(episode => (JsonNode)new JsonObject
            {
                ["index"] = episode.Index, ["score"] = episode.Score, ["loss"] = episode.Loss,
                ["curve"] = new JsonArray([.. episode.Curve.Select(value => (JsonNode)value)]), ["items"] = episode.Identity,
            })]);
        }

        return document.ToJsonString(s_indented);
    }

    /// <summary>Writes a calibration; what no query tells is null.</summary>
    /// <param name="calibration">The calibration; null in regression.</param>
    public static JsonObject? Of(Calibration? calibration) => calibration is null ? null : new()
    {
        ["expectedCalibrationError"] = Finite(calibration.ExpectedCalibrationError),
        ["brier"] = Finite(calibration.Brier),
        ["negativeLogLikelihood"] = Finite(calibration.NegativeLogLikelihood),
        ["reliability"] = new JsonObject
        {
            ["confidence"] = Numbers(calibration.Reliability.Select(bin => bin.Confidence)),
            ["accuracy"] = Numbers(calibration.Reliability.Select(bin => bin.Accuracy)),
            ["count"] = new JsonArray([.. calibration.Reliability.Select(bin => (JsonNode)bin.Count)]),
        },
        ["coverage"] = new JsonObject
        {
            ["coverage"] = Numbers(calibration.Coverage.Select(point => point.Coverage)),
            ["accuracy"] = Numbers(calibration.Coverage.Select(point => point.Accuracy)),
        },
    };

    private static JsonArray Numbers(IEnumerable<double> values) => [.. values.Select(Finite)];

    // JSON has no NaN.
    private static JsonNode? Finite(double value) => double.IsFinite(value) ? Math.Round(value, 6) : null;
}

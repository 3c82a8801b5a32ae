using System.Text.Json.Nodes;
using Deutero.Evaluation;

namespace Deutero.Cli.Runs;

/// <summary>A figure of a reproduction with the evaluation that it is read from.</summary>
/// <param name="Check">The figure.</param>
/// <param name="Result">The evaluation under its settings.</param>
internal sealed record ReproducedFigure(ReproductionCheck Check, EvaluationResult Result)
{
    private const int Decimals = 4;
    private const int CurveDecimals = 6;

    /// <summary>As the record has it. Scores that are accuracies are in percent, for reading beside the papers; those of the curve are fractions.</summary>
    internal JsonObject ToJson()
    {
        var scale = Result.IsFraction ? 100 : 1;
        var score = Check.ScoreOf(Result);
        return new()
        {
            ["name"] = Check.Name, ["score"] = scale * score.Mean, ["halfWidth95"] = scale * score.HalfWidth, ["published"] = Check.Published,
            ["atLeast"] = Check.AtLeast, ["atMost"] = Check.AtMost, ["verdict"] = Check.Verdict(scale * score.Mean), ["metric"] = Result.Metric,
            ["episodes"] = Result.Episodes.Count, ["source"] = Result.Source, ["batchNorm"] = Result.BatchNormStatistics,
            ["transductive"] = Result.Transductive, ["episodeSeed"] = Result.Seed, ["episodeHash"] = Result.EpisodeHash,
            ["curve"] = new JsonArray([.. Result.Curve.Select(value => (JsonNode)Math.Round(value.Mean, CurveDecimals))]),
            ["curveHalfWidth95"] = new JsonArray([.. Result.Curve.Select(value => (JsonNode)Math.Round(value.HalfWidth, CurveDecimals))]),
            ["calibration"] = EvaluationJson.Of(Result.Calibration),
            ["scores"] = new JsonArray([.. Result.Episodes.Select(episode => (JsonNode)Math.Round(scale * (Check.Step is { } step ? episode.Curve[step] : episode.Score), Decimals))]),
        };
    }
}

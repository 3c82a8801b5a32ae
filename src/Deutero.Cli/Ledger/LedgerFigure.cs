using System.Globalization;
using System.Text.Json.Nodes;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Ledger;

/// <summary>A figure as a record has it.</summary>
/// <param name="Check">Its name, the published figure and the bounds.</param>
/// <param name="Score">What was reached; accuracies in percent.</param>
/// <param name="HalfWidth">Half the width of its 95% interval over episodes.</param>
/// <param name="Metric"><c>accuracy</c>, <c>ROC-AUC</c> or <c>mean squared error</c>.</param>
/// <param name="Source">What the episodes were drawn from.</param>
/// <param name="EpisodeHash">The hash of the episode list.</param>
/// <param name="Curve">The score before adaptation and after each inner step.</param>
/// <param name="Scores">Every episode's score, in order; empty in records that have none.</param>
/// <param name="Calibration">As <see cref="EvaluationJson"/> writes it; null in regression and in records that have none.</param>
internal sealed record LedgerFigure(
    ReproductionCheck Check, double Score, double HalfWidth, string Metric, string Source, string EpisodeHash, IReadOnlyList<double> Curve,
    IReadOnlyList<double> Scores, JsonNode? Calibration)
{
    /// <summary>The figure's name.</summary>
    internal string Name => Check.Name;

    /// <summary>Whether the score is an accuracy.</summary>
    internal bool IsAccuracy => Metric is "accuracy" or "ROC-AUC";

    /// <summary>The verdict by the record's bounds.</summary>
    internal string Verdict => Check.Verdict(Score);

    /// <summary>A score, or a difference of scores, as tables show it: small errors need more digits than percentages.</summary>
    /// <param name="value">The number.</param>
    internal string Text(double value) => value.ToString(IsAccuracy || Score >= 0.1 ? "F2" : "F4", CultureInfo.InvariantCulture);

    internal static LedgerFigure Read(JsonObject figure) => new(
        ReproductionCheck.Read(figure), (double)figure["score"]!, (double)figure["halfWidth95"]!, (string)figure["metric"]!, (string)figure["source"]!,
        (string)figure["episodeHash"]!, Numbers(figure["curve"]), Numbers(figure["scores"]), figure["calibration"]);

    /// <summary>One number of the calibration; null where it was not recorded.</summary>
    /// <param name="name">Its key.</param>
    internal double? CalibrationOf(string name) => (double?)Calibration?[name];

    private static double[] Numbers(JsonNode? list) => [.. (list?.AsArray() ?? []).Select(value => (double)value!)];
}

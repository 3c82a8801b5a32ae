using Deutero.Models;

namespace Deutero.Evaluation;

/// <summary>A learner's score on a frozen list of episodes, with everything that is needed to compare it.</summary>
/// <param name="Learner">The learner with its settings.</param>
/// <param name="Source">What the episodes were drawn from.</param>
/// <param name="Metric"><c>accuracy</c>, <c>ROC-AUC</c> or <c>mean squared error</c>.</param>
/// <param name="BatchNorm">Where BatchNorm took its statistics from; null where the model has none.</param>
/// <param name="Transductive">Whether predictions of one query depend on the other queries of its episode, by BatchNorm or by the learner.</param>
/// <param name="Seed">The seed of the frozen list.</param>
/// <param name="EpisodeHash">The hash of the frozen list: equal hashes mean the same items.</param>
/// <param name="Episodes">Every episode, in order.</param>
public sealed record EvaluationResult(
    string Learner, string Source, string Metric, BatchNormPolicy? BatchNorm, bool Transductive, ulong Seed, string EpisodeHash,
    IReadOnlyList<EpisodeResult> Episodes)
{
    /// <summary>Whether scores are fractions, which are shown in percent and of which more is better; false for errors.</summary>
    public bool IsFraction => Metric is "accuracy" or "ROC-AUC";

    /// <summary>The mean score with its 95% interval.</summary>
    public Interval Score => Interval.Of([.. Episodes.Select(episode => episode.Score)]);

    /// <summary>The mean score of the episodes of each of several sources, by the source's name; empty where there is one.</summary>
    public IReadOnlyDictionary<string, Interval> ScoreBySource => Episodes.Where(episode => episode.Source.Length > 0).GroupBy(episode => episode.Source, episode => episode.Score)
        .OrderBy(source => source.Key, StringComparer.Ordinal).ToDictionary(source => source.Key, source => Interval.Of([.. source]), StringComparer.Ordinal);

    /// <summary>The mean loss with its 95% interval.</summary>
    public Interval Loss => Interval.Of([.. Episodes.Select(episode => episode.Loss)]);

    /// <summary>The mean score before adaptation and after each inner step.</summary>
    public IReadOnlyList<Interval> Curve =>
        [.. Enumerable.Range(0, Episodes.Min(episode => episode.Curve.Count)).Select(step => Interval.Of([.. Episodes.Select(episode => episode.Curve[step])]))];

    /// <summary>Whether the probabilities are right; null in regression. Computed anew on each call.</summary>
    public Calibration? Calibration => Episodes.All(episode => episode.Forecasts is not null) ? Evaluation.Calibration.Of([.. Episodes.Select(episode => episode.Forecasts!)]) : null;

    /// <summary>Where BatchNorm took its statistics from, in a word; none where the model has no BatchNorm.</summary>
    public string BatchNormStatistics => BatchNorm?.ToString() ?? "none";
}

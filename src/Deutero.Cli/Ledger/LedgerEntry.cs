using Deutero.Evaluation;

namespace Deutero.Cli.Ledger;

/// <summary>One figure over all seeds with which its setting was run.</summary>
internal sealed record LedgerEntry
{
    /// <summary>The records, the first seed first.</summary>
    internal required IReadOnlyList<LedgerRecord> Records { get; init; }

    /// <summary>The figure in each of them.</summary>
    internal required IReadOnlyList<LedgerFigure> Figures { get; init; }

    /// <summary>The first record, for what all have in common.</summary>
    internal LedgerRecord Record => Records[0];

    /// <summary>The first figure, for what all have in common.</summary>
    internal LedgerFigure Figure => Figures[0];

    /// <summary>The mean over seeds.</summary>
    internal double Score => Figures.Average(figure => figure.Score);

    /// <summary>Half the 95% interval over episodes: of the seeds' mean in each episode, or, where episodes were not recorded, the seeds' mean half-width.</summary>
    internal double HalfWidth => Figures.Count == 1 || Scores is not { } scores ? Figures.Average(figure => figure.HalfWidth) : Interval.Of([.. scores]).HalfWidth;

    /// <summary>Every episode's score, the mean over seeds; null where a record lacks them or the seeds had other episodes.</summary>
    internal IReadOnlyList<double>? Scores =>
        Figures.All(figure => figure.Scores.Count > 0 && figure.EpisodeHash == Figure.EpisodeHash)
            ? [.. Enumerable.Range(0, Figure.Scores.Count).Select(episode => Figures.Average(figure => figure.Scores[episode]))]
            : null;

    /// <summary>The verdict on the mean over seeds.</summary>
    internal string Verdict => Figure.Check.Verdict(Score);

    /// <summary>The number of seeds, with the least and the greatest of their scores.</summary>
    internal string Seeds => Figures.Count == 1 ? "1" : $"{Figures.Count} ({Figures.Min(figure => figure.Score):F2} to {Figures.Max(figure => figure.Score):F2})";

    /// <summary>All figures of records, those of one setting with several seeds as one. Of records of the same seed the fullest counts.</summary>
    /// <param name="records">The records.</param>
    internal static IReadOnlyList<LedgerEntry> Of(IEnumerable<LedgerRecord> records) =>
    [
        .. records.GroupBy(record => (record.Name, record.Deviations)).SelectMany(setting =>
            setting.SelectMany(record => record.Figures.Select(figure => (Record: record, Figure: figure))).GroupBy(pair => pair.Figure.Name)
                .Select(group => group.OrderBy(pair => pair.Record.Evaluation is null).DistinctBy(pair => pair.Record.Seed).OrderBy(pair => pair.Record.Seed).ToArray())
                .Select(pairs => new LedgerEntry { Records = Array.ConvertAll(pairs, pair => pair.Record), Figures = Array.ConvertAll(pairs, pair => pair.Figure) })),
    ];

    /// <summary>A mean over seeds of something that not every record has; null where one lacks it.</summary>
    /// <param name="value">What to read.</param>
    internal double? Mean(Func<LedgerFigure, double?> value) => Figures.All(figure => value(figure) is not null) ? Figures.Average(value) : null;

    /// <summary>The paired difference to another entry on the same episodes; null where the episodes differ or were not recorded.</summary>
    /// <param name="reference">The other entry.</param>
    internal Interval? DifferenceTo(LedgerEntry? reference) =>
        reference is not null && Figure.Name == reference.Figure.Name && Figure.EpisodeHash == reference.Figure.EpisodeHash
        && Scores is { } scores && reference.Scores is { } others
            ? Interval.OfDifferences(scores, others)
            : null;
}

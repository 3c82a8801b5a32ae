using Deutero.Evaluation;

namespace Deutero.Cli.Ledger;

/// <summary>One figure over all seeds, and all folds of the data, with which its setting was run.</summary>
internal sealed record LedgerEntry
{
    /// <summary>The records, fold by fold, the first seed first.</summary>
    internal required IReadOnlyList<LedgerRecord> Records { get; init; }

    /// <summary>The figure in each of them.</summary>
    internal required IReadOnlyList<LedgerFigure> Figures { get; init; }

    /// <summary>The first record, for what all have in common.</summary>
    internal LedgerRecord Record => Records[0];

    /// <summary>The first figure, for what all have in common.</summary>
    internal LedgerFigure Figure => Figures[0];

    /// <summary>The mean over seeds and folds.</summary>
    internal double Score => Figures.Average(figure => figure.Score);

    /// <summary>Half the 95% interval over episodes: of the seeds' mean in each episode, or, where episodes were not recorded, the mean half-width.</summary>
    internal double HalfWidth => Figures.Count == 1 || Scores is not { } scores ? Figures.Average(figure => figure.HalfWidth) : Interval.Of([.. scores]).HalfWidth;

    /// <summary>Every episode's score, the mean over seeds, one list of episodes after the other; null where a record lacks them.</summary>
    internal IReadOnlyList<double>? Scores => Figures.All(figure => figure.Scores.Count > 0) ? [.. Lists.SelectMany(MeanInEachEpisode)] : null;

    private IEnumerable<IGrouping<string, LedgerFigure>> Lists => Figures.GroupBy(figure => figure.EpisodeHash);

    /// <summary>The verdict on the mean over seeds and folds.</summary>
    internal string Verdict => Figure.Check.Verdict(Score);

    /// <summary>The number of seeds, or of folds, with the least and the greatest of their scores.</summary>
    internal string Seeds => Figures.Count == 1 ? "1" : $"{(Folds > 1 ? $"{(Figures.Count > Folds ? $"{Figures.Count} in " : "")}{Folds} folds" : Figures.Count)} ({Figure.Text(Figures.Min(figure => figure.Score))} to {Figure.Text(Figures.Max(figure => figure.Score))})";

    /// <summary>What <c>deutero reproduce</c> is to be given.</summary>
    internal string Command => Folds > 1 ? $"{Record.Name} to {Records[^1].Name.Split('-')[^1]}" : Records[^1].Command.Replace("deutero reproduce ", "", StringComparison.Ordinal);

    private int Folds => Records.DistinctBy(record => record.Name).Count();

    /// <summary>All figures of records, those of one setting with several seeds or folds as one. Of records of the same seed the fullest counts.</summary>
    /// <param name="records">The records.</param>
    internal static IReadOnlyList<LedgerEntry> Of(IEnumerable<LedgerRecord> records) =>
    [
        .. records.GroupBy(record => (record.Setting, record.Deviations)).SelectMany(setting =>
            setting.SelectMany(record => record.Figures.Select(figure => (Record: record, Figure: figure))).GroupBy(pair => pair.Figure.Name).Select(group => Of([.. group]))),
    ];

    private static LedgerEntry Of((LedgerRecord Record, LedgerFigure Figure)[] all)
    {
        var pairs = all.OrderBy(pair => pair.Record.Evaluation is null).DistinctBy(pair => (pair.Record.Name, pair.Record.Seed))
            .OrderBy(pair => pair.Record.Name, StringComparer.Ordinal).ThenBy(pair => pair.Record.Seed).ToArray();
        return new() { Records = Array.ConvertAll(pairs, pair => pair.Record), Figures = Array.ConvertAll(pairs, pair => pair.Figure) };
    }

    private static IEnumerable<double> MeanInEachEpisode(IGrouping<string, LedgerFigure> list) =>
        Enumerable.Range(0, list.Min(figure => figure.Scores.Count)).Select(episode => list.Average(figure => figure.Scores[episode]));

    /// <summary>A mean over seeds of something that not every record has; null where one lacks it.</summary>
    /// <param name="value">What to read.</param>
    internal double? Mean(Func<LedgerFigure, double?> value) => Figures.All(figure => value(figure) is not null) ? Figures.Average(value) : null;

    /// <summary>The paired difference to another entry on the same episodes; null where the episodes differ or were not recorded.</summary>
    /// <param name="reference">The other entry.</param>
    internal Interval? DifferenceTo(LedgerEntry? reference) =>
        reference is not null && Figure.Name == reference.Figure.Name && Lists.Select(list => list.Key).SequenceEqual(reference.Lists.Select(list => list.Key))
        && Scores is { } scores && reference.Scores is { } others
            ? Interval.OfDifferences(scores, others)
            : null;
}

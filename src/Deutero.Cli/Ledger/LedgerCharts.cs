using System.Text.Json.Nodes;
using Deutero.Cli.Reports;

namespace Deutero.Cli.Ledger;

/// <summary>The charts of a benchmark: adaptation curves, and accuracy when abstaining.</summary>
internal static class LedgerCharts
{
    /// <summary>The charts; none where nothing was recorded for them.</summary>
    /// <param name="entries">All entries of the benchmark.</param>
    internal static IEnumerable<Chart> Of(LedgerEntry[] entries) => entries.GroupBy(entry => entry.Figure.Source).SelectMany(group =>
    {
        LedgerEntry[] ofSource = [.. group.DistinctBy(entry => entry.Record.Command)];
        return (Chart[])[.. Adaptation(group.Key, ofSource), .. Coverage(group.Key, ofSource)];
    });

    /// <summary>The accuracy on the surest half of the queries; null where it was not recorded.</summary>
    /// <param name="figure">The figure.</param>
    internal static double? AccuracyOnSurestHalf(LedgerFigure figure)
    {
        var place = Array.FindIndex(Numbers(figure, "coverage"), coverage => Math.Abs(coverage - 0.5) < 1e-9);
        return place < 0 ? null : Numbers(figure, "accuracy")[place];
    }

    private static IEnumerable<Chart> Adaptation(string source, LedgerEntry[] entries)
    {
        var curves = entries.Where(entry => entry.Figure.Curve.Count > 1).Select(entry => Line(entry, [.. Enumerable.Range(0, entry.Figure.Curve.Count)], entry.Figure.Curve)).ToArray();
        return curves.Length == 0 ? [] : [new() { Title = $"Adaptation, {source}", XTitle = "inner step", YTitle = entries[0].Figure.Metric, Series = curves }];
    }

    private static IEnumerable<Chart> Coverage(string source, LedgerEntry[] entries)
    {
        var curves = entries.Where(entry => entry.Figure.Calibration is not null)
            .Select(entry => Line(entry, Numbers(entry.Figure, "coverage"), Numbers(entry.Figure, "accuracy"))).ToArray();
        return curves.Length == 0
            ? []
            : [new() { Title = $"Accuracy when abstaining, {source}", XTitle = "fraction of queries answered", YTitle = "accuracy", Series = curves }];
    }

    private static double[] Numbers(LedgerFigure figure, string name) =>
        [.. (figure.Calibration?["coverage"]?[name]?.AsArray() ?? []).Select(value => value is JsonValue ? (double)value : double.NaN)];

    private static Series Line(LedgerEntry entry, double[] x, IReadOnlyList<double> y) => new() { Name = entry.Record.Name, X = x, Y = y };
}

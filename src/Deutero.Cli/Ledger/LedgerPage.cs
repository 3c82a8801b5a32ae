using System.Globalization;
using System.Text.RegularExpressions;
using Deutero.Cli.Reports;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Ledger;

/// <summary>Makes the page of results from the records.</summary>
internal static partial class LedgerPage
{
    private const string NotRecorded = "not recorded";

    private static readonly string[] s_first = ["sinusoid", "omniglot", "tinyimagenet", "glyphs", "weather", "growth"];

    /// <summary>The page.</summary>
    /// <param name="records">All records.</param>
    /// <param name="measurements">Further sections: certificates, speed.</param>
    internal static RunReport Of(IReadOnlyList<LedgerRecord> records, IEnumerable<ReportSection> measurements)
    {
        var benchmarks = LedgerEntry.Of(records).GroupBy(entry => entry.Record.Benchmark).OrderBy(group => Place(group.Key)).ThenBy(group => group.Key, StringComparer.Ordinal);
        return new()
        {
            Title = "Results",
            Subtitle = LedgerText.Subtitle,
            Sections =
            [
                new() { Paragraphs = LedgerText.Introduction }, .. benchmarks.Select(group => Benchmark(group.Key, [.. group])), Costs(records), Deviations(records), .. measurements,
            ],
        };
    }

    private static int Place(string benchmark) => Array.IndexOf(s_first, benchmark) is >= 0 and var place ? place : s_first.Length;

    private static ReportSection Benchmark(string name, LedgerEntry[] entries)
    {
        var (heading, text) = LedgerText.Of(name);
        LedgerEntry[] sorted = [.. entries.OrderBy(entry => Sortable(entry.Figure.Name), StringComparer.Ordinal).ThenBy(entry => entry.Figure.IsAccuracy ? -entry.Score : entry.Score)];
        var calibrated = sorted.Where(entry => entry.Figure.Calibration is not null).ToArray();
        return new()
        {
            Heading = heading, Paragraphs = text, Charts = [.. LedgerCharts.Of(sorted)],
            Tables = [Figures(sorted), .. calibrated.Length > 0 ? [Calibration(calibrated)] : Array.Empty<ReportTable>()],
        };
    }

    // So that 5-way comes before 20-way.
    private static string Sortable(string name) => Digits().Replace(name, number => number.Value.PadLeft(6, '0'));

    private static ReportTable Figures(LedgerEntry[] entries)
    {
        string Difference(LedgerEntry entry, string learner) =>
            entries.Where(other => other.Record.Learner == learner && other != entry).Select(entry.DifferenceTo).FirstOrDefault(difference => difference is not null) is { } value
                ? $"{(value.Mean < 0 ? "−" : "+")}{Number(entry, Math.Abs(value.Mean))} ± {Number(entry, value.HalfWidth)}"
                : "";
        return Table("", entries,
            ("figure", entry => entry.Figure.Name),
            ("learner", entry => entry.Record.Learner),
            ("reached", entry => Number(entry, entry.Score)),
            ("95%", entry => $"± {Number(entry, entry.HalfWidth)}"),
            ("seeds", entry => entry.Seeds),
            ("to ProtoNet", entry => Difference(entry, "protonet")),
            ("to scratch", entry => Difference(entry, "from-scratch")),
            ("published", entry => entry.Figure.Check.Published is { } published ? Number(entry, published) : ""),
            ("wanted", entry => entry.Figure.Check.Wanted),
            ("verdict", entry => entry.Verdict),
            ("deutero reproduce", entry => entry.Command));
    }

    private static ReportTable Calibration(LedgerEntry[] entries)
    {
        static string Mean(LedgerEntry entry, string name, double scale, string format) =>
            entry.Mean(figure => figure.CalibrationOf(name)) is { } value ? (scale * value).ToString(format, CultureInfo.InvariantCulture) : NotRecorded;
        return Table("Calibration, the mean over seeds (ECE and accuracy in percent)", entries,
            ("figure", entry => entry.Figure.Name),
            ("learner", entry => entry.Record.Learner),
            ("ECE", entry => Mean(entry, "expectedCalibrationError", 100, "F1")),
            ("Brier", entry => Mean(entry, "brier", 1, "F3")),
            ("NLL", entry => Mean(entry, "negativeLogLikelihood", 1, "F3")),
            ("accuracy on the surest half", entry => entry.Mean(LedgerCharts.AccuracyOnSurestHalf) is { } value ? Number(entry, 100 * value) : NotRecorded),
            ("reproduction", entry => entry.Record.Name));
    }

    private static ReportSection Costs(IReadOnlyList<LedgerRecord> records) => new()
    {
        Heading = "What the runs took",
        Paragraphs = [LedgerText.Costs],
        Tables =
        [
            Table("", records,
                ("reproduction", record => record.Name),
                ("seed", record => $"{record.Seed}"),
                ("updates", record => Recorded(record.Updates)),
                ("training s", record => OfTraining(record, cost => $"{cost.WallSeconds:F0}")),
                ("CPU s", record => OfTraining(record, cost => $"{cost.CpuSeconds:F0}")),
                ("energy kJ", record => OfTraining(record, cost => cost.EnergyJoules is { } joules ? $"{joules / 1000:F1}" : NotRecorded)),
                ("peak MB", record => OfTraining(record, cost => $"{cost.PeakMemoryBytes / 1e6:F0}")),
                ("test s", record => record.Evaluation is { } cost ? $"{cost.WallSeconds:F0}" : NotRecorded),
                ("commit", record => Short(record.Commit)),
                ("configuration", record => Short(record.ConfigurationHash)),
                ("episodes", record => string.Join(' ', record.Figures.Select(figure => Short(figure.EpisodeHash)).Distinct()))),
        ],
    };

    private static string OfTraining(LedgerRecord record, Func<Cost, string> text) => record.Updates == 0 ? "–" : record.Training is { } cost ? text(cost) : NotRecorded;

    private static ReportSection Deviations(IReadOnlyList<LedgerRecord> records) => new()
    {
        Heading = "Deviations",
        Paragraphs = [LedgerText.Deviations],
        Tables =
        [
            Table("", [.. records.DistinctBy(record => (record.Name, record.Deviations))],
                ("reproduction", record => record.Name), ("what", record => record.Title), ("deviations", record => record.Deviations)),
        ],
    };

    // Columns in which every cell is empty are left out.
    private static ReportTable Table<T>(string title, IReadOnlyList<T> items, params (string Name, Func<T, string> Cell)[] columns)
    {
        var filled = columns.Where(column => items.Any(item => column.Cell(item).Length > 0)).ToArray();
        return new() { Title = title, Columns = [.. filled.Select(column => column.Name)], Rows = [.. items.Select(item => (IReadOnlyList<string>)[.. filled.Select(column => column.Cell(item))])] };
    }

    private static string Recorded(int? value) => value is { } number ? $"{number}" : NotRecorded;

    private static string Short(string? hash) => hash is null ? NotRecorded : hash[..Math.Min(8, hash.Length)];

    private static string Number(LedgerEntry entry, double value) => entry.Figure.Text(value);

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}

using System.Globalization;

namespace Deutero.Cli.Reports;

/// <summary>Says a chart in words, for those who hear the page.</summary>
internal static class ChartText
{
    /// <summary>Which lines there are, how long they are, where they begin and end, and between which values they lie.</summary>
    public static string Of(Chart chart) =>
        $"Line chart of {chart.YTitle} against {chart.XTitle}{(chart.LogY ? ", logarithmic" : "")}. "
        + string.Join(" ", chart.Series.Select(series => Of(series, chart.LogY)));

    private static string Of(Series series, bool log)
    {
        var values = series.Y.Where(value => Axis.Holds(value, log)).ToArray();
        return values.Length switch
        {
            0 => $"{series.Name}: no data.",
            1 => $"{series.Name}: one value, {Number(values[0])}.",
            _ => $"{series.Name}: {values.Length} values from {Number(values[0])} to {Number(values[^1])}, "
                + $"least {Number(values.Min())}, greatest {Number(values.Max())}.",
        };
    }

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}

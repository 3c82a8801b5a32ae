using System.Globalization;
using System.Text;

namespace Deutero.Cli.Reports;

/// <summary>Draws a chart as inline SVG, coloured by the page's style sheet so that it follows light and dark.</summary>
internal sealed class ChartSvg
{
    private const int Width = 520;
    private const int Height = 300;
    private const int Left = 68;
    private const int Right = 12;
    private const int Top = 10;
    private const int Bottom = 48;

    /// <summary>Colours of the style sheet, <c>s0</c> ...; dashes change at another period, so that 35 lines differ.</summary>
    private const int Colours = 7;

    private static readonly string[] s_dashes = ["", "7 4", "2 3", "10 3 2 3", "4 2"];

    private readonly Chart _chart;
    private readonly string _id;
    private readonly Axis _x;
    private readonly Axis _y;
    private readonly StringBuilder _svg = new();

    private ChartSvg(Chart chart, string id)
    {
        _chart = chart;
        _id = id;
        foreach (var series in chart.Series)
        {
            Check(chart, series);
        }

        _x = Axis.Over(chart.Series.SelectMany(series => series.X), log: false, pad: false);
        _y = Axis.Over(chart.Series.SelectMany(series => series.Y.Concat(series.Low ?? []).Concat(series.High ?? [])), chart.LogY, pad: true);
    }

    /// <summary>Draws a chart with its legend.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="id">Unique in the page.</param>
    /// <returns>An <c>svg</c> element, and a list for the legend where there is more than one series.</returns>
    /// <exception cref="ArgumentException">A series' lists differ in length.</exception>
    public static string Draw(Chart chart, string id) => new ChartSvg(chart, id).Drawn();

    private static void Check(Chart chart, Series series)
    {
        var count = series.Y.Count;
        if (series.X.Count != count || (series.Low?.Count ?? count) != count || (series.High?.Count ?? count) != count)
        {
            throw new ArgumentException(
                $"Chart \"{chart.Title}\", series \"{series.Name}\" has {series.X.Count} x, {count} y, "
                + $"{series.Low?.Count ?? count} low and {series.High?.Count ?? count} high values; expected as many of each.");
        }
    }

    private string Drawn()
    {
        _svg.Append($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-labelledby=\"{_id}-title {_id}-text\">\n");
        _svg.Append($"<title id=\"{_id}-title\">{Markup.Escape(_chart.Title)}</title>\n");
        _svg.Append($"<desc id=\"{_id}-text\">{Markup.Escape(ChartText.Of(_chart))}</desc>\n");
        Axes();
        var isEmpty = true;
        for (var i = 0; i < _chart.Series.Count; i++)
        {
            Band(_chart.Series[i], i);
        }

        for (var i = 0; i < _chart.Series.Count; i++)
        {
            isEmpty &= !Line(_chart.Series[i], i);
        }

        if (isEmpty)
        {
            _svg.Append($"<text class=\"none\" x=\"{(Left + Width - Right) / 2}\" y=\"{(Top + Height - Bottom) / 2}\" text-anchor=\"middle\">no data</text>\n");
        }

        _svg.Append("</svg>\n");
        Legend();
        return _svg.ToString();
    }

    private void Axes()
    {
        foreach (var tick in _y.Ticks)
        {
            var y = Vertical(tick.Position);
            _svg.Append($"<path class=\"grid\" d=\"M{Left} {y}H{Width - Right}\"/>");
            _svg.Append($"<text x=\"{Left - 7}\" y=\"{y}\" dy=\".35em\" text-anchor=\"end\">{tick.Label}</text>\n");
        }

        foreach (var tick in _x.Ticks)
        {
            var x = Horizontal(tick.Position);
            var anchor = tick.Position > 0.97 ? "end" : "middle";
            _svg.Append($"<path class=\"axis\" d=\"M{x} {Height - Bottom}v5\"/>");
            _svg.Append($"<text x=\"{x}\" y=\"{Height - Bottom + 20}\" text-anchor=\"{anchor}\">{tick.Label}</text>\n");
        }

        var middle = (Top + Height - Bottom) / 2;
        _svg.Append($"<path class=\"axis\" d=\"M{Left} {Top}V{Height - Bottom}H{Width - Right}\"/>\n");
        _svg.Append($"<text class=\"name\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">{Markup.Escape(_chart.XTitle)}</text>\n");
        _svg.Append($"<text class=\"name\" transform=\"translate(14 {middle}) rotate(-90)\" text-anchor=\"middle\">{Markup.Escape(_chart.YTitle)}</text>\n");
    }

    private bool Line(Series series, int index)
    {
        var runs = Downsampling.Runs(series.Y.Count, i => series.Y[i], i => Drawable(series.X[i], series.Y[i]));
        var path = new StringBuilder();
        foreach (var run in runs)
        {
            var points = run.Select(i => Point(series.X[i], series.Y[i]));
            if (run.Count > 1)
            {
                path.Append('M').AppendJoin(' ', points);
            }
            else
            {
                // A lone point has no line to be seen by.
                var (x, y) = (Horizontal(_x.Position(series.X[run[0]])), Vertical(_y.Position(series.Y[run[0]])));
                _svg.Append($"<circle class=\"s{index % Colours}\" cx=\"{x}\" cy=\"{y}\" r=\"2.5\"/>\n");
            }
        }

        if (path.Length > 0)
        {
            _svg.Append($"<path class=\"line s{index % Colours}\"{Dash(index)} d=\"{path}\"/>\n");
        }

        return runs.Count > 0;
    }

    private void Band(Series series, int index)
    {
        if (series.Low is not { } low || series.High is not { } high)
        {
            return;
        }

        var runs = Downsampling.Runs(
            series.Y.Count,
            i => high[i] - low[i],
            i => Drawable(series.X[i], low[i]) && Drawable(series.X[i], high[i]));
        foreach (var run in runs)
        {
            var there = run.Select(i => Point(series.X[i], high[i]));
            var back = run.Reverse().Select(i => Point(series.X[i], low[i]));
            _svg.Append($"<path class=\"band s{index % Colours}\" d=\"M{string.Join(' ', there.Concat(back))}Z\"/>\n");
        }
    }

    private void Legend()
    {
        if (_chart.Series.Count == 0)
        {
            return;
        }

        _svg.Append("<ul class=\"legend\">");
        for (var i = 0; i < _chart.Series.Count; i++)
        {
            _svg.Append($"<li><svg viewBox=\"0 0 30 10\" aria-hidden=\"true\"><path class=\"line s{i % Colours}\"{Dash(i)} d=\"M0 5H30\"/></svg>");
            _svg.Append($"{Markup.Escape(_chart.Series[i].Name)}</li>");
        }

        _svg.Append("</ul>\n");
    }

    private bool Drawable(double x, double y) => Axis.Holds(x, log: false) && Axis.Holds(y, _chart.LogY);

    private string Point(double x, double y) => $"{Horizontal(_x.Position(x))} {Vertical(_y.Position(y))}";

    private static string Horizontal(double position) => Coordinate(Left + (position * (Width - Left - Right)));

    private static string Vertical(double position) => Coordinate(Height - Bottom - (position * (Height - Bottom - Top)));

    private static string Coordinate(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Dash(int index)
    {
        var dash = s_dashes[index % s_dashes.Length];
        return dash.Length > 0 ? $" stroke-dasharray=\"{dash}\"" : "";
    }
}

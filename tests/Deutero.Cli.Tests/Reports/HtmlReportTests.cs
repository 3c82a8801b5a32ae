using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Deutero.Cli.Reports;

namespace Deutero.Cli.Tests.Reports;

public sealed partial class HtmlReportTests
{
    private static readonly byte[] s_png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3];

    private static Chart Chart(bool log, params Series[] series) => new() { Title = "t", XTitle = "step", YTitle = "loss", LogY = log, Series = series };

    private static Series Line(IEnumerable<double> y, string name = "s")
    {
        double[] values = [.. y];
        return new Series { Name = name, X = [.. Enumerable.Range(0, values.Length).Select(i => (double)i)], Y = values };
    }

    private static string Render(params Chart[] charts) => HtmlReport.Render(new RunReport { Title = "t", Charts = charts });

    private static double[] Coordinates(string page) =>
    [
        .. LinePath().Matches(page).SelectMany(match => match.Groups[1].Value.Split('M', ' ').Where(s => s.Length > 0))
            .Select(s => double.Parse(s, CultureInfo.InvariantCulture)),
    ];

    [GeneratedRegex("<path class=\"line s\\d\"[^>]* d=\"(M[-0-9. M]+)\"/>")]
    private static partial Regex LinePath();

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("' onload='x")]
    [InlineData("</style></title></svg><script>")]
    [InlineData("&lt;b&gt; &amp;")]
    [InlineData("\0\u0001\u001b\ud800 \u202e 😀")]
    public void Hostile_text_is_only_text(string hostile)
    {
        var page = HtmlReport.Render(new RunReport
        {
            Title = hostile,
            Subtitle = hostile,
            Summary = [(hostile, hostile)],
            Charts = [new Chart { Title = hostile, XTitle = hostile, YTitle = hostile, Series = [Line([1, 2], hostile)] }],
            Tables = [new ReportTable { Title = hostile, Columns = [hostile], Rows = [[hostile]] }],
            Images = [new ImageStrip { Title = hostile, Images = [new ReportImage(s_png, hostile)] }],
            ConfigurationJson = hostile,
            Environment = [(hostile, hostile)],
        });

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(page, c => char.IsControl(c) && c != '\n');
        var body = WellFormed(page);
        var expected = string.Concat(hostile.EnumerateRunes().Select(r => System.Text.Rune.IsControl(r) ? System.Text.Rune.ReplacementChar : r));
        Assert.Equal(expected, body.Descendants("h1").Single().Value);
        Assert.Equal(expected, body.Descendants("pre").Single().Value);
        Assert.Equal(expected, body.Descendants("img").Single().Attribute("alt")!.Value);
        Assert.All(body.DescendantsAndSelf().Attributes(), attribute => Assert.False(attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal)));
    }

    // The body is written so that it is XML but for the void element img.
    private static XElement WellFormed(string page)
    {
        var body = page[page.IndexOf("<body>", StringComparison.Ordinal)..(page.IndexOf("</body>", StringComparison.Ordinal) + 7)];
        return XElement.Parse(Image().Replace(body, "$1/>"), LoadOptions.PreserveWhitespace);
    }

    [GeneratedRegex("(<img [^>]*)>")]
    private static partial Regex Image();

    [Fact]
    public void The_page_fetches_nothing_and_runs_nothing()
    {
        var page = HtmlReport.Render(new RunReport
        {
            Title = "t",
            Charts = [Chart(false, Line([1, 2]))],
            Images = [new ImageStrip { Title = "i", Images = [new ReportImage(s_png, "c")] }],
        });
        Assert.DoesNotContain("http:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.Contains($"src=\"data:image/png;base64,{Convert.ToBase64String(s_png)}\"", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chart_is_named_and_told_in_words()
    {
        var svg = WellFormed(Render(Chart(true, Line([2, 1, 0.5], "train")))).Descendants("svg").First();
        Assert.Equal("img", svg.Attribute("role")!.Value);
        Assert.Equal("chart0-title chart0-text", svg.Attribute("aria-labelledby")!.Value);
        Assert.Equal("t", svg.Element("title")!.Value);
        Assert.Equal("Line chart of loss against step, logarithmic. train: 3 values from 2 to 0.5, least 0.5, greatest 2.", svg.Element("desc")!.Value);
    }

    [Fact]
    public void Charts_without_points_say_so()
    {
        Assert.Contains("no data", Render(Chart(false)), StringComparison.Ordinal);
        Assert.Contains("no data", Render(Chart(false, Line([]))), StringComparison.Ordinal);
        Assert.Contains("no data", Render(Chart(true, Line([0, -1]))), StringComparison.Ordinal);
        Assert.Contains("no data", Render(Chart(false, Line([double.NaN, double.PositiveInfinity]))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_point_is_a_dot_in_the_middle()
    {
        // The frame is from 68 to 508 and from 252 (bottom) to 10.
        Assert.Contains("<circle class=\"s0\" cx=\"288\" cy=\"131\" r=\"2.5\"/>", Render(Chart(false, new Series { Name = "s", X = [3], Y = [0.5] })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_is_not_finite_leaves_a_gap()
    {
        var path = LinePath().Match(Render(Chart(false, Line([1, 2, double.NaN, 3, 4])))).Groups[1].Value;
        Assert.Equal(2, path.Count(c => c == 'M'));
        Assert.Equal(["68", "178", "398", "508"], path.Split('M', ' ').Where(s => s.Length > 0).Where((_, i) => i % 2 == 0));
    }

    [Fact]
    public void A_hundred_thousand_points_are_thinned_without_losing_a_peak()
    {
        var y = Enumerable.Range(0, 100_000).Select(i => i == 77_777 ? 100.0 : i == 12_345 ? -100.0 : Math.Sin(i)).ToArray();
        var page = Render(Chart(false, Line(y)));
        Assert.True(page.Length < 80_000, $"{page.Length} characters");

        // 4% of room on both sides of -100 ... 100.
        var vertical = Coordinates(page).Where((_, i) => i % 2 == 1).ToArray();
        Assert.InRange(vertical.Length, 1_000, 2_000);
        Assert.Equal(10 + (242 * 0.04 / 1.08), vertical.Min(), 0.01);
        Assert.Equal(252 - (242 * 0.04 / 1.08), vertical.Max(), 0.01);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1e-3)]
    [InlineData(-7.0)]
    [InlineData(1e20)]
    [InlineData(1e-310)]
    [InlineData(1e299)]
    public void A_constant_is_a_line_in_the_middle(double value) =>
        Assert.All(Coordinates(Render(Chart(false, Line([value, value])))).Where((_, i) => i % 2 == 1), y => Assert.Equal(131, y, 0.01));

    [Theory]
    [InlineData(double.MinValue, double.MaxValue)]
    [InlineData(-1e299, 1e299)]
    [InlineData(0, double.Epsilon)]
    [InlineData(1e15, 1e15 + 1)]
    [InlineData(1e-300, 1e299)]
    public void Extreme_values_stay_in_the_frame(double from, double to)
    {
        foreach (var log in new[] { false, true })
        {
            var page = Render(Chart(log, Line([from, to])));
            Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
            Assert.All(Coordinates(page).Where((_, i) => i % 2 == 1), y => Assert.InRange(y, 10, 252));
        }
    }

    [Fact]
    public void A_band_encloses_the_line()
    {
        // From 0 to 2, with 4% of 2 above: 252 - 242 * 2 / 2.08 = 19.31.
        var series = new Series { Name = "s", X = [0, 1], Y = [1, 1], Low = [0, 0], High = [2, 2] };
        Assert.Contains("<path class=\"band s0\" d=\"M68 19.31 508 19.31 508 252 68 252Z\"/>", Render(Chart(false, series)), StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_different_lengths_are_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => Render(Chart(false, new Series { Name = "s", X = [0, 1], Y = [1] })));
        Assert.Equal("Chart \"t\", series \"s\" has 2 x, 1 y, 1 low and 1 high values; expected as many of each.", refused.Message);
    }

    [Fact]
    public void A_picture_that_is_no_PNG_is_refused() =>
        Assert.Throws<ArgumentException>(() => HtmlReport.Render(new RunReport
        {
            Title = "t",
            Images = [new ImageStrip { Title = "i", Images = [new ReportImage("<svg/>"u8.ToArray(), "c")] }],
        }));

    [Fact]
    public void Thirty_five_lines_differ_in_colour_or_dash()
    {
        var page = Render(Chart(false, [.. Enumerable.Range(0, 35).Select(i => Line([i, i + 1], $"s{i}"))]));
        var styles = Regex.Matches(page, "<li><svg[^>]*><path class=\"line (s\\d)\"( stroke-dasharray=\"[^\"]*\")?");
        Assert.Equal(35, styles.Select(match => match.Groups[1].Value + match.Groups[2].Value).Distinct().Count());
    }

    [Fact]
    public void Columns_of_numbers_are_set_to_the_right()
    {
        var page = HtmlReport.Render(new RunReport
        {
            Title = "t",
            Tables = [new ReportTable { Title = "x", Columns = ["learner", "acc"], Rows = [["maml", "98.7% ± 0.4%"], ["none"]] }],
        });
        Assert.Contains("<th scope=\"row\">maml</th><td class=\"number\">98.7% ± 0.4%</td>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">none</th><td class=\"number\"></td>", page, StringComparison.Ordinal);
    }
}

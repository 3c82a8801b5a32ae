using System.Text;
using Deutero.Cli.Terminal;

namespace Deutero.Cli.Reports;

/// <summary>Renders a report as one HTML page that opens from disk: no network, no scripts, everything inline.</summary>
public static class HtmlReport
{
    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Renders a report.</summary>
    /// <param name="report">What it says; any text may hold any characters.</param>
    /// <returns>A complete HTML document.</returns>
    /// <exception cref="ArgumentException">
    /// A series' lists differ in length, a row has more cells than its table has columns, or a picture is not a PNG.
    /// </exception>
    public static string Render(RunReport report)
    {
        var page = new StringBuilder();
        Head(page, report);
        Summary(page, report.Summary);
        Sections(page, report.Sections);
        Charts(page, "Charts", "chart", report.Charts);
        Tables(page, report.Tables);
        Images(page, report.Images);
        Configuration(page, report.ConfigurationJson);
        Environment(page, report.Environment);
        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void Head(StringBuilder page, RunReport report)
    {
        var title = Markup.Escape(report.Title);

        // The policy holds the promise even if some text were to slip through unescaped: nothing is fetched, nothing runs.
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append($"<title>{title}</title>\n<style>\n{StyleSheet.Css}\n</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n");
        if (report.Subtitle.Length > 0)
        {
            page.Append($"<p class=\"subtitle\">{Markup.Escape(report.Subtitle)}</p>\n");
        }

        page.Append("</header>\n<main>\n");
    }

    private static void Summary(StringBuilder page, IReadOnlyList<(string Key, string Value)> summary)
    {
        if (summary.Count == 0)
        {
            return;
        }

        page.Append("<dl class=\"summary\">\n");
        foreach (var (key, value) in summary)
        {
            page.Append($"<div><dt>{Markup.Escape(key)}</dt><dd>{Markup.Escape(value)}</dd></div>\n");
        }

        page.Append("</dl>\n");
    }

    private static void Sections(StringBuilder page, IReadOnlyList<ReportSection> sections)
    {
        for (var i = 0; i < sections.Count; i++)
        {
            Heading(page, sections[i].Heading);
            foreach (var paragraph in sections[i].Paragraphs)
            {
                page.Append(ReportSection.IsCode(paragraph) ? $"<pre tabindex=\"0\">{Markup.Escape(paragraph)}</pre>\n" : $"<p>{Markup.Escape(paragraph)}</p>\n");
            }

            Charts(page, "", $"section{i}chart", sections[i].Charts);
            foreach (var table in sections[i].Tables)
            {
                Table(page, table);
            }
        }
    }

    private static void Heading(StringBuilder page, string heading) => page.Append(heading.Length > 0 ? $"<h2>{Markup.Escape(heading)}</h2>\n" : "");

    private static void Charts(StringBuilder page, string heading, string id, IReadOnlyList<Chart> charts)
    {
        if (charts.Count == 0)
        {
            return;
        }

        Heading(page, heading);
        page.Append("<div class=\"charts\">\n");
        for (var i = 0; i < charts.Count; i++)
        {
            page.Append($"<figure><figcaption class=\"title\">{Markup.Escape(charts[i].Title)}</figcaption>\n")
                .Append(ChartSvg.Draw(charts[i], $"{id}{i}"))
                .Append("</figure>\n");
        }

        page.Append("</div>\n");
    }

    private static void Tables(StringBuilder page, IReadOnlyList<ReportTable> tables)
    {
        if (tables.Count == 0)
        {
            return;
        }

        page.Append("<h2>Tables</h2>\n");
        foreach (var table in tables)
        {
            Table(page, table);
        }
    }

    private static void Table(StringBuilder page, ReportTable table)
    {
        var isNumber = Enumerable.Range(0, table.Columns.Count).Select(column => Numbers.AreAll(table.Rows, column)).ToArray();
        page.Append($"<div class=\"scroll\" tabindex=\"0\"><table>\n<caption>{Markup.Escape(table.Title)}</caption>\n<thead><tr>");
        for (var column = 0; column < table.Columns.Count; column++)
        {
            page.Append($"<th scope=\"col\"{Class(isNumber[column])}>{Markup.Escape(table.Columns[column])}</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            if (row.Count > table.Columns.Count)
            {
                throw new ArgumentException($"Table \"{table.Title}\" has a row of {row.Count} cells, but {table.Columns.Count} columns.");
            }

            page.Append("<tr>");
            for (var column = 0; column < table.Columns.Count; column++)
            {
                var cell = column < row.Count ? Markup.Escape(row[column]) : "";
                page.Append(column == 0 && !isNumber[0] ? $"<th scope=\"row\">{cell}</th>" : $"<td{Class(isNumber[column])}>{cell}</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</tbody></table></div>\n");
    }

    private static string Class(bool isNumber) => isNumber ? " class=\"number\"" : "";

    private static void Images(StringBuilder page, IReadOnlyList<ImageStrip> strips)
    {
        if (strips.Count == 0)
        {
            return;
        }

        page.Append("<h2>Pictures</h2>\n");
        foreach (var strip in strips)
        {
            page.Append($"<section class=\"strip\"><h3>{Markup.Escape(strip.Title)}</h3>\n<div>\n");
            foreach (var image in strip.Images)
            {
                Image(page, image);
            }

            page.Append("</div></section>\n");
        }
    }

    private static void Image(StringBuilder page, ReportImage image)
    {
        if (!image.Png.Span.StartsWith(PngSignature))
        {
            throw new ArgumentException($"The picture \"{image.Caption}\" is not a PNG: it does not begin with the signature of one.");
        }

        var caption = Markup.Escape(image.Caption);
        page.Append($"<figure><img alt=\"{caption}\" src=\"data:image/png;base64,{Convert.ToBase64String(image.Png.Span)}\">")
            .Append($"<figcaption>{caption}</figcaption></figure>\n");
    }

    private static void Configuration(StringBuilder page, string json)
    {
        if (json.Length > 0)
        {
            page.Append($"<h2 id=\"configuration\">Configuration</h2>\n<pre tabindex=\"0\" aria-labelledby=\"configuration\">{Markup.Escape(json)}</pre>\n");
        }
    }

    private static void Environment(StringBuilder page, IReadOnlyList<(string Key, string Value)> facts)
    {
        if (facts.Count == 0)
        {
            return;
        }

        page.Append("<h2>Environment</h2>\n<dl class=\"facts\">\n");
        foreach (var (key, value) in facts)
        {
            page.Append($"<dt>{Markup.Escape(key)}</dt><dd>{Markup.Escape(value)}</dd>\n");
        }

        page.Append("</dl>\n");
    }
}

using System.Text;

namespace Deutero.Cli.Reports;

/// <summary>Renders the text and the tables of a report as Markdown.</summary>
internal static class MarkdownReport
{
    /// <summary>Renders the title, the line below it and the sections, without charts.</summary>
    /// <param name="report">What it says.</param>
    internal static string Render(RunReport report)
    {
        var page = new StringBuilder($"# {report.Title}\n\n{report.Subtitle}\n");
        foreach (var section in report.Sections)
        {
            page.Append(section.Heading.Length > 0 ? $"\n## {section.Heading}\n" : "");
            foreach (var paragraph in section.Paragraphs)
            {
                page.Append($"\n{paragraph}\n");
            }

            foreach (var table in section.Tables)
            {
                page.Append(table.Title.Length > 0 ? $"\n{table.Title}:\n" : "");
                page.Append($"\n{Row(table.Columns)}|{string.Concat(Enumerable.Repeat("---|", table.Columns.Count))}\n").AppendJoin("", table.Rows.Select(Row));
            }
        }

        return page.ToString();
    }

    private static string Row(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n";
}

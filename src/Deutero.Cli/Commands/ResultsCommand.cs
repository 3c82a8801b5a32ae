using System.CommandLine;
using Deutero.Cli.Ledger;
using Deutero.Cli.Reports;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero results</c>: pages of the records that <c>deutero reproduce</c> has written.</summary>
internal static class ResultsCommand
{
    private static readonly Argument<string> s_folder = new("folder") { Description = "A folder with the records of 'deutero reproduce', at any depth.", DefaultValueFactory = _ => "runs" };

    private static readonly Option<string?> s_markdown = new("--markdown") { Description = "Write the page as Markdown to a file.", HelpName = "FILE" };

    private static readonly Option<string?> s_html = new("--html") { Description = "Write the page as one HTML file, with charts.", HelpName = "FILE" };

    internal static Command Create() => new Command("results", "Make a page of the records of finished reproductions, as Markdown and HTML.") { s_folder, s_markdown, s_html }.Explained($"""
        Reads every *reproduction.json below the folder. Records of one setting with several seeds become one row; those on identical episodes are compared pairwise
        with ProtoNet and with training from scratch. {LedgerMeasurements.CertificatesFile} (of 'deutero certify --json') and {LedgerMeasurements.BenchFile} (of 'deutero bench --json')
        in the folder become sections of their own. Without --markdown and --html, prints the Markdown.

        Examples:
          deutero results runs
          deutero results docs/results --markdown docs/results.md --html docs/results.html
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var folder = arguments.GetValue(s_folder)!;
        var page = LedgerPage.Of(LedgerRecord.ReadAll(folder), LedgerMeasurements.Of(folder));
        var (markdown, html) = (arguments.GetValue(s_markdown), arguments.GetValue(s_html));
        if (markdown is not null)
        {
            RunFolder.WriteText(markdown, MarkdownReport.Render(page));
        }

        if (html is not null)
        {
            RunFolder.WriteText(html, HtmlReport.Render(page));
        }

        if (markdown is null && html is null)
        {
            Console.Write(MarkdownReport.Render(page));
        }

        return ExitCodes.Done;
    }
}

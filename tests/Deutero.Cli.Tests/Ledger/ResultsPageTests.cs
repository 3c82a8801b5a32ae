using System.Text.Json.Nodes;
using Deutero.Cli.Ledger;
using Deutero.Cli.Reports;

namespace Deutero.Cli.Tests.Ledger;

/// <summary>The repository's own page of results.</summary>
public sealed class ResultsPageTests
{
    private static string Docs { get; } = FindDocs(AppContext.BaseDirectory);

    [Fact]
    public void Page_is_what_the_records_say()
    {
        var folder = Path.Combine(Docs, "results");
        var page = LedgerPage.Of(LedgerRecord.ReadAll(folder), LedgerMeasurements.Of(folder));
        const string advice = "docs/results.md and .html are generated: run 'deutero results docs/results --markdown docs/results.md --html docs/results.html'.";
        Assert.True(MarkdownReport.Render(page) == File.ReadAllText(Path.Combine(Docs, "results.md")), advice);
        Assert.True(HtmlReport.Render(page) == File.ReadAllText(Path.Combine(Docs, "results.html")), advice);
    }

    [Fact]
    public void Records_name_no_place_of_a_machine()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Docs, "results")))
        {
            Assert.DoesNotMatch("\"(/|~|[A-Za-z]:\\\\)", File.ReadAllText(file));
        }
    }

    [Fact]
    public void Records_of_earlier_versions_are_read()
    {
        var record = LedgerRecord.Read("""
            {
              "reproduction": "omniglot-protonet", "title": "t", "deviations": "d", "command": "deutero reproduce omniglot-protonet", "configurationHash": "5744",
              "configuration": { "learner": { "type": "protonet" }, "training": { "seed": 1 } },
              "environment": { "Deutero": "0.1.0+f9640370" }, "secondsOfThisCommand": 64.2, "cpuSecondsOfThisCommand": 61, "peakMemoryBytes": 12,
              "figures": [{ "name": "5-way 1-shot", "score": 98.5, "halfWidth95": 0.1, "published": 98.8, "atLeast": 98, "atMost": null, "verdict": "reproduced",
                "metric": "accuracy", "episodes": 1000, "source": "s", "batchNorm": "Split", "transductive": true, "episodeSeed": 2026, "episodeHash": "1f", "curve": [0.985] }]
            }
            """);
        Assert.Equal(("protonet", "omniglot", 1ul, "f9640370"), (record.Learner, record.Benchmark, record.Seed, record.Commit));
        Assert.Null(record.Training);
        Assert.Equal("reproduced", Assert.Single(record.Figures).Verdict);
        Assert.Empty(record.Figures[0].Scores);
    }

    [Fact]
    public void A_file_that_is_no_record_is_named()
    {
        using var folder = new EndToEnd.TemporaryFolder();
        File.WriteAllText(folder["x.reproduction.json"], new JsonObject { ["reproduction"] = "x" }.ToJsonString());
        Assert.Contains("x.reproduction.json is not a record", Assert.Throws<InvalidDataException>(() => LedgerRecord.ReadAll(folder[""])).Message, StringComparison.Ordinal);
    }

    private static string FindDocs(string folder) =>
        File.Exists(Path.Combine(folder, "Deutero.slnx")) ? Path.Combine(folder, "docs") : FindDocs(Path.GetDirectoryName(folder)!);
}

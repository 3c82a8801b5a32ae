using System.Text.Json.Nodes;
using Deutero.Cli.Ledger;
using Deutero.Cli.Reports;

namespace Deutero.Cli.Tests.Ledger;

/// <summary>From records to the page, with figures worked out by hand.</summary>
public sealed class LedgerTests
{
    [Fact]
    public void Seeds_of_one_setting_are_one_row_with_the_interval_of_their_mean_in_each_episode()
    {
        var entry = Assert.Single(LedgerEntry.Of([Record("omniglot-maml", "maml", 1, [80, 60]), Record("omniglot-maml", "maml", 11, [90, 90])]));
        Assert.Equal((80, "2 (70.00 to 90.00)"), (entry.Score, entry.Seeds));
        Assert.Equal([85, 75], entry.Scores!);
        Assert.Equal(12.706 * 5, entry.HalfWidth, 1e-9); // Student's t of one degree of freedom; the standard error of 85 and 75 is 5
    }

    [Fact]
    public void Folds_of_one_setting_are_one_row_over_all_their_episodes()
    {
        LedgerRecord Fold(string learner, int fold, params double[] scores) => Record($"intents-a-{learner}-fold{fold}", learner, 1, scores, hash: $"{fold}");
        var entries = LedgerEntry.Of([Fold("maml", 2, 90, 80), Fold("maml", 1, 80, 60), Fold("protonet", 1, 70, 60), Fold("protonet", 2, 80, 80)]);
        Assert.Equal(["intents-a-maml-fold1 to fold2", "intents-a-protonet-fold1 to fold2"], entries.Select(entry => entry.Command).Order());
        var maml = Assert.Single(entries, entry => entry.Record.Learner == "maml");
        Assert.Equal((77.5, "2 folds (70.00 to 85.00)"), (maml.Score, maml.Seeds));
        Assert.Equal([80, 60, 90, 80], maml.Scores!);
        Assert.Equal(3.182 * 6.29153, maml.HalfWidth, 1e-4); // Student's t of three degrees of freedom; deviations 2.5, -17.5, 12.5, 2.5
        Assert.Equal(5, maml.DifferenceTo(Assert.Single(entries, entry => entry.Record.Learner == "protonet"))!.Value.Mean, 1e-12); // 10, 0, 10, 0
    }

    [Fact]
    public void One_seed_is_labelled_as_one_and_counts_once()
    {
        var old = Record("omniglot-maml", "maml", 1, []);
        var entry = Assert.Single(LedgerEntry.Of([old, Record("omniglot-maml", "maml", 1, [80, 60])]));
        Assert.Equal("1", entry.Seeds);
    }

    [Fact]
    public void Another_budget_is_another_row() =>
        Assert.Equal(2, LedgerEntry.Of([Record("omniglot-maml", "maml", 1, [80, 60]), Record("omniglot-maml", "maml", 1, [70, 60], deviations: "Cut.")]).Count);

    [Fact]
    public void Learners_are_paired_with_protonet_and_training_from_scratch_on_identical_episodes()
    {
        var page = Page(
            Record("tinyimagenet-protonet", "protonet", 1, [80, 60]), Record("tinyimagenet-from-scratch", "from-scratch", 1, [30, 30]),
            Record("tinyimagenet-maml", "maml", 1, [70, 60]), Record("tinyimagenet-anil", "anil", 1, [70, 60], hash: "other"));
        var table = Assert.Single(page.Sections, section => section.Heading == "Tiny-ImageNet at 32x32").Tables[0];
        string Cell(string learner, string column) =>
            Assert.Single(table.Rows, row => row[1] == learner)[table.Columns.ToList().IndexOf(column)];
        Assert.Equal("−5.00 ± 63.53", Cell("maml", "to ProtoNet")); // differences -10 and 0
        Assert.Equal("+35.00 ± 63.53", Cell("maml", "to scratch")); // 40 and 30
        Assert.Equal(("", ""), (Cell("protonet", "to ProtoNet"), Cell("anil", "to ProtoNet")));
    }

    [Theory]
    [InlineData(98.0, null, null, "reproduced")]
    [InlineData(98.5, null, null, "below")]
    [InlineData(null, 90.0, null, "above")]
    [InlineData(null, null, 99.0, "not comparable")]
    public void Verdict_is_by_the_bounds_of_the_mean_over_seeds(double? atLeast, double? atMost, double? published, string verdict)
    {
        var entries = LedgerEntry.Of([
            Record("omniglot-maml", "maml", 1, [97, 97], atLeast: atLeast, atMost: atMost, published: published),
            Record("omniglot-maml", "maml", 11, [99, 99], atLeast: atLeast, atMost: atMost, published: published)]);
        Assert.Equal(verdict, Assert.Single(entries).Verdict);
    }

    [Fact]
    public void What_was_measured_is_shown_and_what_was_not_is_called_so()
    {
        var costs = Page(
            Record("omniglot-maml", "maml", 1, [80, 60], cost: """{"wallSeconds":120.4,"cpuSeconds":200,"energyJoules":4200,"peakMemoryBytes":500000000,"sessions":2,"processes":1}"""),
            Record("omniglot-anil", "anil", 1, [80, 60])).Sections.Single(section => section.Heading == "What the runs took").Tables[0];
        Assert.Equal(["omniglot-maml", "1", "7", "120", "200", "4.2", "500"], costs.Rows[0].Take(7));
        Assert.Equal(["not recorded", "not recorded", "not recorded", "not recorded"], costs.Rows[1].Skip(3).Take(4));
    }

    [Fact]
    public void Markdown_and_html_hold_the_same_tables()
    {
        var page = Page(Record("omniglot-maml", "maml", 1, [80, 60], atLeast: 60));
        Assert.Contains("\n| 5-way 1-shot | maml | 70.00 | ± 127.06 | 1 | at least 60.00 | reproduced | omniglot-maml |\n", MarkdownReport.Render(page), StringComparison.Ordinal);
        var html = HtmlReport.Render(page);
        Assert.Contains("<td class=\"number\">70.00</td>", html, StringComparison.Ordinal);
        Assert.Contains("<h2>Omniglot</h2>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Curves_and_calibration_are_drawn_and_tabulated()
    {
        const string calibration = """
            {"expectedCalibrationError":0.1234,"brier":0.5,"negativeLogLikelihood":1.5,"coverage":{"coverage":[0.5,1],"accuracy":[0.9,0.7]}}
            """;
        var section = Page(Record("omniglot-maml", "maml", 1, [80, 60], calibration: calibration)).Sections[1];
        Assert.Equal(["12.3", "0.500", "1.500", "90.00"], section.Tables[1].Rows[0].Skip(2).Take(4));
        Assert.Equal(["Adaptation, few images", "Accuracy when abstaining, few images"], section.Charts.Select(chart => chart.Title));
        Assert.Equal([0.9, 0.7], section.Charts[1].Series[0].Y);
    }

    private static RunReport Page(params LedgerRecord[] records) => LedgerPage.Of(records, []);

    private static LedgerRecord Record(
        string name, string learner, ulong seed, double[] scores, string deviations = "None.", string hash = "hash", double? atLeast = null, double? atMost = null,
        double? published = null, string? cost = null, string? calibration = null)
    {
        var record = new JsonObject
        {
            ["reproduction"] = name, ["title"] = name, ["deviations"] = deviations, ["command"] = $"deutero reproduce {name}", ["configurationHash"] = "0123456789",
            ["configuration"] = new JsonObject { ["learner"] = new JsonObject { ["type"] = learner }, ["training"] = new JsonObject { ["seed"] = seed } },
            ["figures"] = new JsonArray(new JsonObject
            {
                ["name"] = "5-way 1-shot", ["score"] = scores.DefaultIfEmpty(50).Average(), ["halfWidth95"] = 127.06, ["metric"] = "accuracy", ["source"] = "few images",
                ["episodeHash"] = hash, ["atLeast"] = atLeast, ["atMost"] = atMost, ["published"] = published, ["curve"] = new JsonArray(20.0, 70.0),
                ["scores"] = new JsonArray([.. scores.Select(score => (JsonNode)score)]), ["calibration"] = calibration is null ? null : JsonNode.Parse(calibration),
            }),
        };
        if (scores.Length > 0)
        {
            record["updates"] = 7;
            record["evaluation"] = JsonNode.Parse("""{"wallSeconds":1,"cpuSeconds":1,"energyJoules":null,"peakMemoryBytes":1,"sessions":1,"processes":1}""");
        }

        record["training"] = cost is null ? null : JsonNode.Parse(cost);
        return LedgerRecord.Read(record.ToJsonString());
    }
}

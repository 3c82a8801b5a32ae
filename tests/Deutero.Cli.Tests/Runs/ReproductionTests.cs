using Deutero.Cli.Runs;

namespace Deutero.Cli.Tests.Runs;

public sealed class ReproductionTests
{
    public static TheoryData<string> Names => [.. Reproduction.All.Select(reproduction => reproduction.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Configuration_is_one_with_the_settings_of_every_figure(string name)
    {
        var reproduction = Reproduction.Find(name);
        Assert.NotEmpty(reproduction.Checks);
        Assert.All(reproduction.Checks, check => Run.Schema.Parse<RunConfiguration>(reproduction.Configuration, name, [.. check.Settings]));
        Assert.Equal(reproduction.Checks.Count, reproduction.Checks.Select(check => check.Name).Distinct().Count());
        Assert.NotEmpty(reproduction.Learner);
    }

    [Fact]
    public void Stages_of_a_training_follow_each_other()
    {
        var names = Reproduction.All.Select(reproduction => reproduction.Name).ToList();
        Assert.True(names.IndexOf("omniglot-maml") < names.IndexOf("omniglot-maml-2"));
        Assert.Equal(("omniglot", "maml"), (Reproduction.Find("omniglot-maml-2").Benchmark, Reproduction.Find("omniglot-maml-2").Learner));
    }

    [Fact]
    public void Rows_have_the_figures_of_their_table_or_their_own()
    {
        var figure = Assert.Single(Reproduction.Find("tox21-maml").Checks);
        Assert.Equal(("10-shot ROC-AUC", 80.2, 77.2), (figure.Name, figure.Published, figure.AtLeast));
        Assert.Null(Assert.Single(Reproduction.Find("tox21-nearest-centroid").Checks).Published);
    }

    [Fact]
    public void An_unknown_name_is_answered_by_the_one_that_was_meant()
    {
        var refusal = Assert.Throws<ArgumentException>(() => Reproduction.Find("omniglot-protonets"));
        Assert.Contains("'omniglot-protonets': did you mean omniglot-protonet?", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("glyphs", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_do_not_depend_on_where_runs_and_data_lie()
    {
        ReproductionRun In(string output, string data, int repetition) => new(Reproduction.Find("omniglot-maml-2"), repetition, new(output, [$"data.folder={data}"], BudgetMinutes: null));
        var (here, there) = (In("/a/runs", "/a/data", 2), In("elsewhere/", "", 2));
        Assert.Equal("/a/runs/omniglot-maml-run2", here.Configuration.StartFrom);
        Assert.Equal("elsewhere/omniglot-maml-run2", there.Configuration.StartFrom);
        Assert.Equal("/a/data", here.Configuration.Data.Folder);
        Assert.Equal("runs/omniglot-maml-run2", here.Recorded.StartFrom);
        Assert.Equal(Run.Schema.ToJson(here.Recorded), Run.Schema.ToJson(there.Recorded));
        Assert.NotEqual(Run.Schema.Hash(here.Recorded), Run.Schema.Hash(In("/a/runs", "/a/data", 1).Recorded));
    }
}

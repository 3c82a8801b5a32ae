using Deutero.Selection;
using Deutero.Torch;

namespace Deutero.Tests.Selection;

public sealed class ParadigmSelectorTests
{
    private static readonly string[] s_paradigms = ["scratch", "transfer", "self-supervised", "meta-learning"];

    // The handbook's tasks: each of four kinds is of one paradigm, and shows in the features; 60 to learn on.
    [Fact]
    public void Paradigms_that_suit_kinds_of_tasks_are_chosen_and_close_most_of_the_gap()
    {
        var (tasks, others) = (Draw(60, 1), Draw(200, 2));
        var selector = ParadigmSelector.Fit(s_paradigms, tasks);
        var figures = SelectionFigures.Of(others, [.. others.Select(task => selector.Choose(task.Features).Candidate)]);
        Assert.InRange(figures.GapClosed, 0.5, 1);
        Assert.InRange(figures.GapClosed, figures.GapFrom, figures.GapTo);
        Assert.True(figures.Lead.Mean - figures.Lead.HalfWidth > 0);
        Assert.InRange(SelectionFigures.Of(tasks, ParadigmSelector.CrossValidate(s_paradigms, Unnamed(tasks))).GapClosed, 0.4, 1);
    }

    // A kind that was never seen: what is chosen for it is no worse than the best single candidate by much, as nothing is sure.
    [Fact]
    public void Cross_validation_leaves_whole_families_out()
    {
        var tasks = Draw(60, 1);
        var chosen = ParadigmSelector.CrossValidate(s_paradigms, tasks);
        var without = ParadigmSelector.Fit(s_paradigms, [.. tasks.Where(task => task.Family != "kind0")]);
        Assert.All(tasks.Zip(chosen).Where(pair => pair.First.Family == "kind0"), pair => Assert.Equal(without.Choose(pair.First.Features).Candidate, pair.Second));
    }

    [Fact]
    public void Oracle_closes_the_gap_and_the_best_single_candidate_none_of_it()
    {
        var tasks = Draw(60, 3);
        var oracle = SelectionFigures.Of(tasks, [.. tasks.Select(task => task.Scores.ToList().IndexOf(task.Scores.Max()))]);
        Assert.Equal(1, oracle.GapClosed, 1e-9);
        Assert.True(oracle.SingleBest.Mean <= oracle.Selector.Mean && oracle.Selector.Mean <= oracle.VirtualBest.Mean);
        Assert.Equal(0, SelectionFigures.Of(tasks, [.. tasks.Select(_ => oracle.SingleBestCandidate)]).GapClosed, 1e-9);
    }

    [Fact]
    public void Choices_at_random_are_worth_the_mean_of_all_candidates()
    {
        var (tasks, random) = (Draw(20_000, 4), Generator.Seed(5));
        var figures = SelectionFigures.Of(tasks, [.. tasks.Select(_ => random.Next(4))]);
        Assert.Equal(figures.Average.Mean, figures.Selector.Mean, 0.01);
        Assert.True(figures.GapClosed < 0);
    }

    [Fact]
    public void No_gap_is_said_to_be_none()
    {
        TaskOutcome[] tasks = [new("a", [1], [0.5, 0.25], [1, 1]), new("a", [2], [0.75, 0.5], [1, 1])];
        Assert.True(double.IsNaN(SelectionFigures.Of(tasks, [0, 0]).GapClosed));
    }

    [Fact]
    public void High_price_of_time_chooses_the_cheapest_always()
    {
        var tasks = Draw(60, 1); // the third is the cheapest
        var selector = ParadigmSelector.Fit(s_paradigms, tasks, cost: 1e6);
        Assert.Equal(2, selector.SingleBest);
        Assert.All(tasks, task => Assert.Equal(2, selector.Choose(task.Features).Candidate));
    }

    // Features that say nothing: the best single candidate stays chosen.
    [Fact]
    public void Best_single_candidate_is_taken_where_nothing_speaks_for_another()
    {
        var random = Generator.Seed(6);
        TaskOutcome[] tasks = [.. Enumerable.Range(0, 60).Select(_ => new TaskOutcome("a", [random.NextDouble(), random.NextDouble()], [0.6 + random.NextDouble(), 0.5 + random.NextDouble()], [1, 1]))];
        var selector = ParadigmSelector.Fit(["first", "second"], tasks, sureness: 0.99);
        Assert.All(tasks, task => Assert.Equal(selector.SingleBest, selector.Choose(task.Features).Candidate));
        Assert.All(tasks, task => Assert.InRange(selector.Choose(task.Features).Confidence, 0.5, 1));
    }

    // Utilities that are linear in a feature are recovered, up to the penalty.
    [Fact]
    public void Expected_utilities_are_those_of_the_regression()
    {
        TaskOutcome[] tasks = [.. Enumerable.Range(0, 50).Select(i => new TaskOutcome("a", [i], [0.1 + (0.01 * i), 0.5], [1, 1]))];
        var selector = ParadigmSelector.Fit(["rising", "flat"], tasks, penalty: 1e-6);
        Assert.Equal(0.1 + 0.33, selector.Choose([33]).Expected[0], 1e-6);
        Assert.Equal(0.5, selector.Choose([33]).Expected[1], 1e-6);
        Assert.Equal(1, selector.Choose([10]).Candidate);
        Assert.Equal(0, selector.Choose([49]).Candidate);
        Assert.Equal("The selector was fitted to 1 features but 2 were given.", Assert.Throws<ArgumentException>(() => selector.Choose([1, 2])).Message);
    }

    [Fact]
    public void Too_few_tasks_are_refused() => Assert.Throws<ArgumentException>(() => ParadigmSelector.Fit(["one", "two"], [new("a", [1], [1, 2], [1, 1])]));

    private static TaskOutcome[] Unnamed(TaskOutcome[] tasks) => [.. tasks.Select(task => task with { Family = "" })];

    // Features: nearness to the source, unlabelled points, labelled points, an episodic look; each with noise. The kind's paradigm is .2 better.
    private static TaskOutcome[] Draw(int count, ulong seed)
    {
        var random = Generator.Seed(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var kind = random.Next(4);
            double[] features = [.. Enumerable.Range(0, 4).Select(j => (j == kind ? 1 : 0) + (0.3 * (random.NextDouble() - 0.5)))];
            double[] scores = [.. Enumerable.Range(0, 4).Select(j => 0.6 + (j == kind ? 0.2 : 0) + (0.1 * (random.NextDouble() - 0.5)))];
            return new TaskOutcome($"kind{kind}", features, scores, [2, 3, 1, 4]);
        })];
    }
}

using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

public sealed class ExamplesTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    public void Label_outside_of_the_ways_is_refused_by_name(long label)
    {
        var error = Assert.Throws<ArgumentException>(() => new Examples(Tensor.Zeros([2, 4]), Tensor.From([0L, label]), Ways: 3));
        Assert.Equal($"Label {label} lies outside of the 3 ways of the episode (0 to 2).", error.Message);
    }

    [Fact]
    public void Inputs_and_targets_of_different_counts_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new Examples(Tensor.Zeros([3, 4]), Tensor.From([0L, 1]), Ways: 2));
        Assert.Contains("[3, 4]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Examples(Tensor.Zeros([0, 4]), Tensor.Zeros([0, 1]), Ways: 0));
    }

    [Fact]
    public void Floating_point_labels_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new Examples(Tensor.Zeros([2, 4]), Tensor.Zeros([2]), Ways: 2));
        Assert.Contains("Int64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_class_in_a_support_set_is_refused()
    {
        var support = new Examples(Tensor.Zeros([2, 4]), Tensor.From([0L, 2]), Ways: 3);
        var error = Assert.Throws<ArgumentException>(support.RequireEveryClass);
        Assert.Equal("The support set of a 3-way episode has no example of class 1.", error.Message);
    }

    [Fact]
    public void Class_means_are_the_means_of_each_class()
    {
        var examples = new Examples(Tensor.From([0.0, 0, 2, 0, 4, 4, 4, 6], 4, 2), Tensor.From([0L, 0, 1, 1]), Ways: 2);
        Assert.Equal([1.0, 0, 4, 5], examples.ClassMeans(examples.Inputs).ToArray<double>());
    }

    [Fact]
    public void Episodes_stack_along_a_new_first_axis_and_refuse_other_shapes()
    {
        using var random = Generator.Seed(1);
        var (first, second) = (new Nuisance20(5, 1, 2).Sample(random), new Nuisance20(5, 1, 2).Sample(random));
        var batch = Episode.Stack([first, second]);
        Assert.Equal([2, 5, 20], batch.Support.Inputs.Shape);
        Assert.True(batch.Query.Inputs[1].BitEquals(second.Query.Inputs));
        Assert.Contains("[5, 20]", Assert.Throws<ArgumentException>(
            () => Episode.Stack([first, new Nuisance20(5, 2, 2).Sample(random)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Episode_shares_no_item_between_support_and_query_and_labels_every_class_once()
    {
        using var random = Generator.Seed(5);
        var episode = new FewShotClassification(new SyntheticPool(8, 5, 3), ways: 4, shots: 2, queries: 3).Sample(random);
        Deutero.Evaluation.EpisodeGuard.Check(episode);
        Assert.Equal([0L, 0, 1, 1, 2, 2, 3, 3], episode.Support.Targets.ToArray<long>());
        Assert.Equal(4, episode.Identity.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split(':')[0]).Distinct().Count());
    }

    [Theory]
    [InlineData(9, 1, 1, "9-way episodes were asked for but synthetic has 8 classes.")]
    [InlineData(5, 3, 3, "has 5 items.")]
    [InlineData(1, 1, 1, "at least 2 ways")]
    public void Impossible_episodes_are_refused(int ways, int shots, int queries, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => new FewShotClassification(new SyntheticPool(8, 5, 3), ways, shots, queries));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}

using Deutero.Evaluation;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

public sealed class FewShotClassificationTests
{
    [Fact]
    public void Within_groups_all_classes_of_an_episode_are_of_one_group_that_has_enough()
    {
        var pool = new GroupedPool([9, 9, 9, 9], [9, 9], [9, 9, 9]);
        var tasks = new FewShotClassification(pool, 3, 1, 2, withinGroups: true);
        var seen = new HashSet<string>();
        for (var i = 0; i < 50; i++)
        {
            using var random = Generator.Seed(1).Derive(i);
            var episode = tasks.Sample(random);
            EpisodeGuard.Check(episode);
            Assert.Equal((3, 3L, 6L), (episode.Ways, episode.Support.Count, episode.Query.Count));
            seen.Add(Assert.Single(episode.Support.Inputs.ToArray<float>().Chunk(2).Select(row => pool.Group((int)row[0])).Distinct()));
        }

        Assert.Equal(["group0", "group2"], seen.Order());
        Assert.EndsWith("within groups", tasks.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_come_with_the_classes_in_the_order_of_their_labels()
    {
        var pool = new SyntheticPool(9, 3, 2) { AttributeCount = 4 };
        var episode = new FewShotClassification(pool, 3, 1, 2).Sample(Generator.Seed(1));
        Assert.Equal([3L, 4], episode.Support.Attributes!.Shape);
        Assert.Null(episode.Query.Attributes);
        var classes = episode.Identity.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(text => float.Parse(text["class".Length..text.IndexOf(':', StringComparison.Ordinal)], null));
        Assert.Equal(classes, episode.Support.Attributes.Select(1, 0).ToArray<float>());

        var stacked = Episode.Stack([episode, new FewShotClassification(pool, 3, 1, 2).Sample(Generator.Seed(2))]);
        Assert.Equal([2L, 3, 4], stacked.Support.Attributes!.Shape);
        Assert.Equal(DType.Float64, episode.To(DType.Float64).Support.Attributes!.DType);
    }

    [Fact]
    public void Without_shots_the_support_set_is_the_attributes_of_the_classes()
    {
        var pool = new SyntheticPool(9, 3, 1, 4, 4) { AttributeCount = 6 };
        var episode = new FewShotClassification(pool, 3, 0, 3).Sample(Generator.Seed(1));
        Assert.Equal([3L, 6], episode.Support.Inputs.Shape);
        Assert.Equal([0L, 1, 2], episode.Support.Targets.ToArray<long>());
        Assert.Equal([9L, 1, 4, 4], episode.Query.Inputs.Shape);
        Assert.Contains(
            "those of synthetic have no attributes", Assert.Throws<ArgumentException>(() => new FewShotClassification(new SyntheticPool(9, 3, 2), 3, 0, 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_that_are_missing_or_too_small_are_refused_with_what_was_found()
    {
        string Refusal(IClassPool pool, int ways) => Assert.Throws<ArgumentException>(() => new FewShotClassification(pool, ways, 1, 1, withinGroups: true)).Message;
        Assert.Contains("synthetic has no groups", Refusal(new SyntheticPool(9, 3, 2), 5), StringComparison.Ordinal);
        Assert.Contains("5-way", Refusal(new GroupedPool([9, 9, 9, 9], [9, 9]), 5), StringComparison.Ordinal);
    }
}

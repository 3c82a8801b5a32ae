using Deutero.Evaluation;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Evaluation;

public sealed class EpisodeGuardTests
{
    private static Examples Two => new(Tensor.Zeros([2, 3]), Tensor.From([0L, 1]), Ways: 2);

    [Fact]
    public void Item_in_both_support_and_query_is_refused_by_name()
    {
        var error = Assert.Throws<ArgumentException>(() => EpisodeGuard.Check(new(Two, Two, "Greek/alpha:4|7,1;Greek/beta:2|3,2;")));
        Assert.Equal("Item 2 of class 'Greek/beta' is in both the support and the query set of an episode.", error.Message);
        EpisodeGuard.Check(new(Two, Two, "Greek/alpha:4|7,1;Greek/beta:2|3,12;"));
        EpisodeGuard.Check(new(Two, Two, "A=1.5 p=2"));
    }

    [Fact]
    public void Evaluation_refuses_an_episode_that_shares_an_item() =>
        Assert.Throws<ArgumentException>(() => new Evaluator().Run(new NearestCentroid(), new Mlp(), Parameters.Empty, new(new Shares(), 1, 2)));

    [Fact]
    public void Class_in_two_splits_is_refused_by_name()
    {
        var train = new SyntheticPool(4, 3, 2) { Name = "train" };
        var error = Assert.Throws<ArgumentException>(() => EpisodeGuard.RefuseClassOverlap(train, new SyntheticPool(2, 3, 2) { Name = "test" }));
        Assert.StartsWith("Class 'class0' is in both train and test", error.Message, StringComparison.Ordinal);
        EpisodeGuard.RefuseClassOverlap(train, new SyntheticPool(2, 3, 2) { Name = "test", Prefix = "other" });
    }

    private sealed record Shares : ITaskDistribution
    {
        public string Name => "shares";

        public Episode Sample(Generator random) => new(Two, Two, "a:1|1;b:2|3;");
    }
}

using System.Globalization;
using Deutero.Evaluation;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

public sealed class ClusteredItemsTests
{
    private static readonly UnlabelledItems s_items = new(new SyntheticPool(10, 12, 30));

    private static Tensor Features => s_items.Embed(inputs => inputs, Generator.Seed(1));

    // Three clusters of 1, 2 and 3 items: of those with two items and more there are tasks.
    [Fact]
    public void Clusters_with_fewer_items_than_a_task_needs_are_left_out()
    {
        var items = new UnlabelledItems(new SyntheticPool(1, 6, 4));
        var pool = new ClusterPool(items, [7, 2, 9, 2, 9, 9], leastItems: 2);
        Assert.Equal((2, 2, 3), (pool.ClassCount, pool.ItemCount(0), pool.ItemCount(1)));
        var (expected, actual) = (new float[4], new float[4]);
        items.Write(4, expected);
        pool.Write(1, 1, actual);
        Assert.Equal(expected, actual);
        var refusal = Assert.Throws<ArgumentException>(() => new ClusteredItems(items, [[7, 2, 9, 2, 9, 9]], 3, 1, 1));
        Assert.Contains("has 2 of that size", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ClusterPool(items, [0, 1], 1));
    }

    [Fact]
    public void A_task_has_one_partition_and_all_items_of_a_class_are_in_one_of_its_clusters()
    {
        var partitions = ClusteredItems.Partitions(Features, 10, 4, Generator.Seed(2));
        var tasks = new ClusteredItems(s_items, partitions, 3, 1, 2);
        var all = s_items.Read([.. Enumerable.Range(0, s_items.Count)]).Unbind().Index().ToDictionary(item => Convert.ToHexString(item.Item.ToBytes()), item => item.Index);
        var seen = new HashSet<int>();
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var episode = tasks.Sample(Generator.Seed(seed));
            EpisodeGuard.Check(episode);
            var partition = int.Parse(episode.Identity["partition".Length].ToString(), CultureInfo.InvariantCulture);
            seen.Add(partition);
            var together = episode.Support.Concat(episode.Query);
            var clusters = together.Inputs.Unbind().Select(input => partitions[partition][all[Convert.ToHexString(input.ToBytes())]]).ToArray();
            var labels = together.Targets.ToArray<long>();
            Assert.Equal(3, clusters.Zip(labels).Distinct().Count());
            Assert.Equal(3, clusters.Distinct().Count());
        }

        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public void Clusters_are_near_the_hidden_classes_and_scalings_give_others()
    {
        var classes = Enumerable.Range(0, 120).Select(i => i / 12).ToArray();
        var partitions = ClusteredItems.Partitions(Features, 10, 3, Generator.Seed(2));
        Assert.All(partitions, partition => Assert.InRange(KMeansTests.RandIndex([.. partition], classes), 0.5, 1));
        Assert.Equal(0, KMeansTests.RandIndex([.. Enumerable.Range(0, 120).Select(i => i % 10)], classes), 0.1);
        Assert.Equal(partitions[1], ClusteredItems.Partitions(Features, 10, 3, Generator.Seed(2))[1]);
        Assert.Equal(3, partitions.Select(partition => string.Join(' ', partition)).Distinct().Count());
    }
}

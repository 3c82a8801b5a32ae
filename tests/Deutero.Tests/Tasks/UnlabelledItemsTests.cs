using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

public sealed class UnlabelledItemsTests
{
    private static readonly SyntheticPool s_pool = new(6, 4, 1, 8, 8);

    // The classes 24 and 4 x 6 with empty ones among them, in place of 6 x 4.
    public static TheoryData<int[]> OtherClasses => new() { new[] { 24 }, new[] { 0, 6, 0, 0, 6, 6, 6, 0 }, Enumerable.Repeat(1, 24).ToArray() };

    [Theory]
    [MemberData(nameof(OtherClasses))]
    public void Tasks_have_the_same_bits_whatever_the_classes_of_the_items(int[] classes)
    {
        foreach (var (own, other) in Distributions(s_pool).Zip(Distributions(new Regrouped(s_pool, classes))))
        {
            for (ulong seed = 1; seed <= 20; seed++)
            {
                var (expected, actual) = (own.Sample(Generator.Seed(seed)), other.Sample(Generator.Seed(seed)));
                Assert.Equal(expected.Identity, actual.Identity);
                Assert.All(expected.Leaves.Zip(actual.Leaves), pair => Assert.True(pair.First.BitEquals(pair.Second)));
            }
        }
    }

    [Fact]
    public void Every_item_is_found_once()
    {
        var items = new UnlabelledItems(s_pool);
        var all = Enumerable.Range(0, items.Count).Select(item => items.Read([item])).ToArray();
        Assert.Equal(24, all.Length);
        for (var classIndex = 0; classIndex < 6; classIndex++)
        {
            for (var item = 0; item < 4; item++)
            {
                var expected = new float[64];
                s_pool.Write(classIndex, item, expected);
                Assert.Equal(expected, all[(classIndex * 4) + item].ToArray<float>());
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => items.Read([24]));
    }

    [Fact]
    public void Features_are_in_the_order_of_the_items_whatever_shared_a_batch()
    {
        var items = new UnlabelledItems(s_pool);
        var features = items.Embed(inputs => inputs.Reshape([inputs.Size(0), -1]), Generator.Seed(1), batch: 7);
        Assert.True(features.BitEquals(items.Read([.. Enumerable.Range(0, 24)]).Reshape([24, 64])));
    }

    private static IEnumerable<ITaskDistribution> Distributions(IClassPool pool)
    {
        var items = new UnlabelledItems(pool);
        yield return new AugmentedItems(items, 5, 2, new());
        yield return new RotatedItems(items, 3);
        var features = items.Embed(inputs => inputs.Reshape([inputs.Size(0), -1]), Generator.Seed(1));
        yield return new ClusteredItems(items, ClusteredItems.Partitions(features, 4, 3, Generator.Seed(2)), 2, 1, 1);
    }
}

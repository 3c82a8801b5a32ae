using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

public sealed class EmbeddedClassesTests
{
    private static readonly SyntheticPool s_pool = new(5, 3, 1, 2, 2) { AttributeCount = 2 };

    [Fact]
    public void An_item_is_the_embedding_of_the_item_of_the_same_place()
    {
        var batches = new List<long>();
        var embedded = new EmbeddedClasses(s_pool, 2, items => Halves(items, batches), batch: 4);
        Assert.Empty(batches);
        Assert.Equal([2], embedded.ItemShape);
        for (var classIndex = 0; classIndex < 5; classIndex++)
        {
            Assert.Equal((3, s_pool.ClassName(classIndex)), (embedded.ItemCount(classIndex), embedded.ClassName(classIndex)));
            Assert.Equal(s_pool.Attributes(classIndex), embedded.Attributes(classIndex));
            for (var item = 0; item < 3; item++)
            {
                var (pixels, features) = (new float[4], new float[2]);
                s_pool.Write(classIndex, item, pixels);
                embedded.Write(classIndex, item, features);
                Assert.Equal([pixels[0] + pixels[1], pixels[2] + pixels[3]], features);
            }
        }

        Assert.Equal([4, 4, 4, 3], batches); // each item once
        Assert.Throws<ArgumentOutOfRangeException>(() => embedded.Write(0, 3, new float[2]));
    }

    [Fact]
    public void Features_of_another_width_are_refused()
    {
        var embedded = new EmbeddedClasses(s_pool, 3, items => Halves(items, []));
        Assert.Contains("[15, 3]", Assert.Throws<ArgumentException>(() => embedded.Write(0, 0, new float[3])).Message, StringComparison.Ordinal);
    }

    private static Tensor Halves(Tensor items, List<long> batches)
    {
        batches.Add(items.Size(0));
        return items.Reshape([items.Size(0), 2, 2]).Sum([2]);
    }
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

public sealed class RotatedItemsTests
{
    private static readonly UnlabelledItems s_items = new(new SyntheticPool(4, 3, 2, 16, 16));

    [Fact]
    public void Every_image_is_there_in_four_turns_labelled_by_them_and_a_turn_four_times_is_none()
    {
        var batch = new RotatedItems(s_items, 5).Sample(Generator.Seed(1));
        Assert.Same(batch.Support, batch.Query);
        Assert.Equal((4, 20L), (batch.Ways, batch.Support.Count));
        var images = batch.Support.Inputs.Chunk(4);
        Assert.Equal(Enumerable.Range(0, 20).Select(row => (long)(row / 5)), batch.Support.Targets.ToArray<long>());
        for (var turns = 0; turns < 4; turns++)
        {
            Assert.True(images[(turns + 1) % 4].BitEquals(images[turns].Rot90(1, [2, 3])));
        }
    }

    // Of the last layer nothing but zeros: four turns are equally likely.
    [Fact]
    public void Loss_of_who_knows_nothing_is_log_4()
    {
        var model = new Conv4 { Channels = 2, Height = 16, Width = 16, Filters = 4, Outputs = RotatedItems.Turns };
        var theta = model.Init(Generator.Seed(1)).Map((name, leaf) => name.StartsWith("head", StringComparison.Ordinal) ? leaf.ZerosLike() : leaf);
        var result = new ClassifierBaseline().MetaGradient(model, theta, new RotatedItems(s_items, 5).Sample(Generator.Seed(1)), Generator.Seed(1));
        Assert.Equal(Math.Log(4), result.Loss.ToDouble(), 1e-6);
    }

    [Fact]
    public void What_is_no_square_image_is_refused()
    {
        Assert.Contains("square", Assert.Throws<ArgumentException>(() => new RotatedItems(new(new SyntheticPool(4, 3, 20)), 5)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RotatedItems(new(new SyntheticPool(4, 3, 1, 16, 20)), 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RotatedItems(s_items, 0));
    }
}

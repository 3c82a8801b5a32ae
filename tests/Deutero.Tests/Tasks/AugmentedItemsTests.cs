using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

public sealed class AugmentedItemsTests
{
    private static readonly Augmentation s_none = new() { Shift = 0, Dropped = 0 };
    private static readonly UnlabelledItems s_items = new(new SyntheticPool(9, 5, 2, 6, 6));

    [Fact]
    public void Queries_of_a_class_are_of_the_item_that_is_its_support()
    {
        var episode = new AugmentedItems(s_items, 7, 3, s_none).Sample(Generator.Seed(1));
        Assert.Equal([0L, 1, 2, 3, 4, 5, 6], episode.Support.Targets.ToArray<long>());
        Assert.Equal([7, 2, 6, 6], episode.Support.Inputs.Shape);
        var own = episode.Support.Inputs.IndexSelect(0, episode.Query.Targets);
        Assert.True(own.BitEquals(episode.Query.Inputs)); // as nothing is changed
        var drawn = episode.Identity.Split(' ')[1..8].Select(item => int.Parse(item, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(7, drawn.Distinct().Count());
        Assert.True(s_items.Read(drawn).BitEquals(episode.Support.Inputs));
    }

    [Fact]
    public void Support_is_left_as_it_is_unless_it_is_to_be_augmented_and_every_view_is_another()
    {
        var augmentation = new Augmentation { Shift = 2, Turn = 20, Zoom = 0.2, Dropped = 0.1, Noise = 0.1 };
        var random = Generator.Seed(1);
        var (plain, views) = (new AugmentedItems(s_items, 7, 2, augmentation), new AugmentedItems(s_items, 7, 2, augmentation) { AugmentsSupport = true });
        var episode = plain.Sample(random);
        Assert.DoesNotContain(episode.Query.Inputs.Unbind(), query => episode.Support.Inputs.Unbind().Any(query.BitEquals));
        Assert.Equal(14, episode.Query.Inputs.Unbind().Select(query => Convert.ToHexString(query.ToBytes())).Distinct().Count());
        var pair = views.Sample(Generator.Seed(1));
        var items = s_items.Read([.. Enumerable.Range(0, s_items.Count)]).Unbind();
        Assert.DoesNotContain(pair.Support.Inputs.Unbind(), view => items.Any(view.BitEquals));
    }

    [Fact]
    public void Pixels_are_zeroed_in_all_channels_and_as_often_as_is_said()
    {
        var items = new UnlabelledItems(new SyntheticPool(1, 200, 2, 10, 10));
        var query = new AugmentedItems(items, 200, 1, s_none with { Dropped = 0.3 }).Sample(Generator.Seed(4)).Query.Inputs; // nothing else is exactly 0
        var zeros = query.Eq(0).To(DType.Float32);
        Assert.InRange(zeros.Mean().ToDouble(), 0.28, 0.32); // 20,000 pixels: a deviation of 0.0032
        Assert.True(zeros.Select(1, 0).BitEquals(zeros.Select(1, 1)));
    }

    [Fact]
    public void Items_that_are_no_images_are_zeroed_and_given_noise()
    {
        var items = new UnlabelledItems(new SyntheticPool(1, 100, 50));
        var episode = new AugmentedItems(items, 100, 1, new() { Shift = 6, Turn = 45, Dropped = 0, Noise = 0.7 }).Sample(Generator.Seed(4));
        var noise = (episode.Query.Inputs - episode.Support.Inputs).Square().Mean().ToDouble();
        Assert.InRange(noise, 0.46, 0.52); // 0.49, with a deviation of 0.01
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(-1, 2)]
    public void Shift_moves_whole_pixels_and_leaves_zeros(int down, int right)
    {
        var image = Enumerable.Range(1, 20).Select(value => (float)value).ToArray(); // 4 x 5
        var moved = new float[20];
        Augmentation.Move(image, moved, 4, 5, 0, 1, down, right);
        for (var y = 0; y < 4; y++)
        {
            for (var x = 0; x < 5; x++)
            {
                var (fromY, fromX) = (y - down, x - right);
                Assert.Equal(fromY is >= 0 and < 4 && fromX is >= 0 and < 5 ? image[(fromY * 5) + fromX] : 0, moved[(y * 5) + x]);
            }
        }
    }

    [Fact]
    public void A_quarter_turn_is_exact_and_half_the_size_samples_every_second_pixel()
    {
        var image = Generator.Seed(2).Uniform([1, 9, 9]);
        var values = image.ToArray<float>();
        var moved = new float[81];
        Augmentation.Move(values, moved, 9, 9, Math.PI / 2, 1, 0, 0);
        var expected = image.Rot90(1, [1, 2]).Reshape([-1]).ToArray<float>();
        Assert.All(expected.Zip(moved), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Augmentation.Move(values, moved, 9, 9, 0, 0.5, 0, 0);
        Assert.Equal(values[0], moved[(2 * 9) + 2]); // twice as far from the middle, 4
        Assert.Equal(values[(4 * 9) + 6], moved[(4 * 9) + 5]);
        Assert.Equal(0, moved[9 + 1]);
    }

    // Π (Cm − im)/(Cm − i) for C classes of m items: 0.672 of 12 classes of 5 items and 4 ways.
    [Fact]
    public void Items_are_of_different_classes_as_often_as_counting_says()
    {
        var (pool, ways, trials) = (new SyntheticPool(12, 5, 1), 4, 20_000);
        var tasks = new AugmentedItems(new(pool), ways, 1, s_none);
        var different = 0;
        for (var i = 0; i < trials; i++)
        {
            using var scope = new TensorScope();
            var items = tasks.Sample(Generator.Seed(3).Derive(i)).Identity.Split(' ')[1..(ways + 1)];
            different += items.Select(item => int.Parse(item, System.Globalization.CultureInfo.InvariantCulture) / 5).Distinct().Count() == ways ? 1 : 0;
        }

        var expected = Enumerable.Range(0, ways).Aggregate(1.0, (product, i) => product * (60 - (5 * i)) / (60 - i));
        Assert.Equal(expected, (double)different / trials, 0.012); // a deviation of 0.0033
    }

    [Fact]
    public void Too_many_ways_or_no_queries_are_refused()
    {
        Assert.Contains("46 ways of 45 items", Assert.Throws<ArgumentException>(() => new AugmentedItems(s_items, 46, 1, s_none)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AugmentedItems(s_items, 5, 0, s_none));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { Dropped = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation { Shift = -1 });
    }
}

using Deutero.Tasks;

namespace Deutero.Data.Tests;

public sealed class GlyphsTests
{
    private static readonly GlyphRow[] Rows = [.. GlyphRow.ReadAll()];

    public static TheoryData<string> EverySplit => [.. Glyphs.Splits];

    [Fact]
    public void There_are_at_least_1200_characters_of_at_least_30_scripts()
    {
        Assert.True(Rows.Length >= 1200, $"{Rows.Length} characters");
        Assert.True(Rows.DistinctBy(row => row.Script).Count() >= 30);
    }

    [Fact]
    public void No_script_is_in_two_splits() =>
        Assert.All(Rows.GroupBy(row => row.Script), script => Assert.Single(script.DistinctBy(row => row.Split)));

    [Fact]
    public void No_character_is_there_twice() =>
        Assert.Equal(Rows.Length, Rows.DistinctBy(row => row.CodePoint).Count());

    [Fact]
    public void The_files_take_at_most_6_MiB()
    {
        var bytes = Glyphs.Splits.Select(split => $"glyphs-{split}.idx3.gz").Append("glyphs-index.tsv")
            .Sum(file => GlyphResources.Open(file).Length);
        Assert.InRange(bytes, 1, 6 << 20);
    }

    [Theory]
    [MemberData(nameof(EverySplit))]
    public void The_images_are_as_many_as_the_index_says(string split) =>
        Assert.Equal(Rows.Count(row => row.Split == split) * 20 * 28 * 28, GlyphResources.ReadImages(split).Length);

    [Theory]
    [MemberData(nameof(EverySplit))]
    public void Every_character_has_20_different_renderings_and_none_is_in_the_split_twice(string split)
    {
        var pool = Glyphs.Open(split);
        var seen = new HashSet<string>();
        Assert.All(Enumerable.Range(0, pool.ClassCount), c =>
        {
            Assert.Equal(20, pool.ItemCount(c));
            Assert.All(Enumerable.Range(0, 20), item => Assert.True(seen.Add(Convert.ToBase64String(Bytes(pool, c, item)))));
        });
    }

    [Theory]
    [MemberData(nameof(EverySplit))]
    public void Every_rendering_has_dark_ink_a_light_ground_and_a_free_frame(string split)
    {
        var pool = Glyphs.Open(split);
        for (var c = 0; c < pool.ClassCount; c++)
        {
            for (var item = 0; item < 20; item++)
            {
                var image = Bytes(pool, c, item);
                Assert.True(image.Max() >= 204, $"{pool.ClassName(c)} #{item} is too faint: its darkest pixel is {image.Max()}.");
                Assert.InRange(image.Average(pixel => pixel / 255.0), 0.01, 0.45);
                Assert.DoesNotContain(image.Where((_, i) => i / 28 is 0 or 27 || i % 28 is 0 or 27), pixel => pixel != 0);
            }
        }
    }

    [Fact]
    public void No_mean_image_of_a_test_character_is_that_of_a_training_character()
    {
        var train = MeanImages(Glyphs.Open("train"));
        var closest = MeanImages(Glyphs.Open("test")).Max(test => train.Max(other => Cosine(test, other)));
        Assert.InRange(closest, 0, 0.97);
    }

    [Fact]
    public void Values_are_between_0_and_1_and_the_shape_is_one_channel()
    {
        var pool = Glyphs.Open("validation");
        var image = new float[28 * 28];
        pool.Write(0, 0, image);
        Assert.Equal([1, 28, 28], pool.ItemShape);
        Assert.All(image, value => Assert.InRange(value, 0f, 1f));
    }

    [Fact]
    public void Rotations_add_the_turns_that_look_different()
    {
        var pool = Glyphs.Open("test", rotations: true);
        var names = Enumerable.Range(0, pool.ClassCount).Select(pool.ClassName).ToArray();
        Assert.Equal(Rows.Where(row => row.Split == "test").Sum(row => row.Turns), pool.ClassCount);
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Fact]
    public void A_quarter_turn_is_counter_clockwise()
    {
        var pool = Glyphs.Open("test", rotations: true);
        var turned = Enumerable.Range(1, pool.ClassCount - 1).First(c => pool.ClassName(c).EndsWith("/rot090", StringComparison.Ordinal));
        byte[] upright = Bytes(pool, turned - 1, 0), quarter = Bytes(pool, turned, 0);
        Assert.All(Enumerable.Range(0, 28 * 28), i => Assert.Equal(upright[((i % 28) * 28) + 27 - (i / 28)], quarter[i]));
    }

    [Fact]
    public void An_unknown_split_is_refused_by_name()
    {
        var error = Assert.Throws<ArgumentException>(() => Glyphs.Open("dev"));
        Assert.StartsWith("Glyphs has no split 'dev': expected train, validation or test.", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(IClassPool pool, int classIndex, int item)
    {
        var image = new float[28 * 28];
        pool.Write(classIndex, item, image);
        return Array.ConvertAll(image, value => (byte)MathF.Round(value * 255));
    }

    private static float[][] MeanImages(IClassPool pool)
    {
        var means = new float[pool.ClassCount][];
        var image = new float[28 * 28];
        for (var c = 0; c < means.Length; c++)
        {
            means[c] = new float[image.Length];
            for (var item = 0; item < pool.ItemCount(c); item++)
            {
                pool.Write(c, item, image);
                for (var i = 0; i < image.Length; i++)
                {
                    means[c][i] += image[i];
                }
            }
        }

        return means;
    }

    private static double Cosine(float[] a, float[] b)
    {
        double ab = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
        {
            (ab, aa, bb) = (ab + (a[i] * b[i]), aa + (a[i] * a[i]), bb + (b[i] * b[i]));
        }

        return ab / Math.Sqrt(aa * bb);
    }
}

using Deutero.Evaluation;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

/// <summary>Expected numbers are worked out by hand from the rules of the paper's appendix.</summary>
public sealed class MetaDatasetEpisodesTests
{
    private static readonly double s_double = Math.Log(2);

    [Theory]
    [InlineData(10, new[] { 20, 20, 600 })]
    [InlineData(3, new[] { 30, 7 })]
    [InlineData(1, new[] { 2, 90 })]
    [InlineData(10, new[] { 600, 600 })]
    public void Queries_are_half_of_the_smallest_class_and_at_most_ten(int expected, int[] sizes) => Assert.Equal(expected, MetaDatasetEpisodes.QueriesOf(sizes));

    [Theory]
    [InlineData(255, 0.5, 5, 600)] // 5 classes contribute floor(0.5 · 100) + 1 = 51 each
    [InlineData(5, 0.0, 5, 600)] // one for each class
    [InlineData(200, 0.999, 20, 20)] // an alphabet: 20 · (floor(0.999 · 10) + 1)
    [InlineData(60, 0.25, 20, 20)] // 20 · (floor(2.5) + 1)
    [InlineData(500, 0.9, 50, 600)] // 50 · 91, but at most 500
    public void Support_is_what_the_classes_contribute_and_at_most_500(int expected, double beta, int ways, int size) =>
        Assert.Equal(expected, MetaDatasetEpisodes.SupportOf([.. Enumerable.Repeat(size, ways)], queries: 10, beta));

    [Fact]
    public void Shots_are_one_and_a_share_in_proportion_to_the_size_and_the_weight_of_the_class()
    {
        Assert.Equal([51, 51, 51, 51, 51], MetaDatasetEpisodes.ShotsOf([600, 600, 600, 600, 600], 10, 255, new double[5])); // floor(250 / 5) + 1
        Assert.Equal([17, 25], MetaDatasetEpisodes.ShotsOf([100, 300], 10, 43, [s_double, 0])); // shares 200 and 300 of 500, of 41: 16.4 and 24.6
        Assert.Equal([11, 31], MetaDatasetEpisodes.ShotsOf([100, 300], 10, 43, [0, 0])); // 10.25 and 30.75
        Assert.Equal([4, 8], MetaDatasetEpisodes.ShotsOf([100, 100], 10, 13, [-s_double, 0])); // shares 50 and 100 of 150, of 11: 3.67 and 7.33
    }

    [Fact]
    public void No_class_gives_more_shots_than_it_has_beside_its_queries() =>
        Assert.Equal([10, 4], MetaDatasetEpisodes.ShotsOf([20, 20], 10, 20, [s_double, -s_double])); // shares 40 and 10, of 18: 14.4 and 3.6

    [Fact]
    public void Every_episode_keeps_the_rules()
    {
        var pool = new GroupedPool([.. Enumerable.Repeat(20, 14)], [.. Enumerable.Repeat(20, 55)], [4, 30, 150, 700, 9, 60], [20, 20, 20, 20]);
        var tasks = new MetaDatasetEpisodes(pool);
        var lopsided = 0;
        for (var i = 0; i < 1000; i++)
        {
            using var scope = new TensorScope();
            using var random = Generator.Seed(1).Derive(i);
            var episode = tasks.Sample(random);
            EpisodeGuard.Check(episode);
            var classes = Enumerable.Range(0, episode.Ways).Select(way => (int)RowsOf(episode.Query, way)[0][0]).ToArray();
            var sizes = Array.ConvertAll(classes, pool.ItemCount);
            var largest = Assert.Single(classes.Select(pool.Group).Distinct()) switch { "group0" => 14, "group1" => 50, "group2" => 6, _ => 0 }; // four classes are too few
            Assert.InRange(episode.Ways, 5, largest);
            Assert.InRange(episode.Support.Count, episode.Ways, 500);
            var queries = Math.Min(10, sizes.Min() / 2);
            for (var way = 0; way < episode.Ways; way++)
            {
                var (support, query) = (RowsOf(episode.Support, way), RowsOf(episode.Query, way));
                Assert.Equal(queries, query.Length);
                Assert.InRange(support.Length, 1, sizes[way] - queries);
                Assert.Equal(support.Length + queries, support.Concat(query).Select(row => row[1]).Distinct().Count());
                Assert.All(support.Concat(query), row => Assert.Equal(classes[way], row[0]));
            }

            lopsided += Enumerable.Range(0, episode.Ways).Select(way => RowsOf(episode.Support, way).Length).Distinct().Count() > 1 ? 1 : 0;
        }

        Assert.InRange(lopsided, 700, 1000); // with few shots, rounding makes them alike
    }

    [Fact]
    public void Ways_are_uniform_and_so_are_the_groups_whatever_their_size()
    {
        var ways = Counts(new GroupedPool([20, 20, 20, 20, 20, 20, 20, 20]), episode => episode.Ways);
        Assert.Equal([5, 6, 7, 8], ways.Keys.Order());
        Assert.InRange(ways.Values.Sum(count => (count - 500.0) * (count - 500) / 500), 0, 16.27); // chi-squared, 3 degrees of freedom, 99.9 %
        var groups = Counts(new GroupedPool([20, 20, 20, 20, 20], [.. Enumerable.Repeat(20, 45)]), episode => episode.Query.Inputs[0][0].ToDouble() < 5);
        Assert.InRange(groups[true], 1000 - 74, 1000 + 74); // 3.3 standard deviations
    }

    [Fact]
    public void Pools_that_are_too_small_are_refused_with_what_was_found()
    {
        string Refusal(params int[][] groups) => Assert.Throws<ArgumentException>(() => new MetaDatasetEpisodes(new GroupedPool(groups))).Message;
        Assert.Contains("grouped has 4 classes", Refusal([9, 9, 9, 9]), StringComparison.Ordinal);
        Assert.Contains("class '2' of grouped has 1", Refusal([9, 9, 1, 9, 9]), StringComparison.Ordinal);
        Assert.Contains("largest group of grouped has 4 classes", Refusal([9, 9, 9, 9], [9, 9]), StringComparison.Ordinal);
    }

    private static Dictionary<T, int> Counts<T>(IClassPool pool, Func<Episode, T> feature)
        where T : notnull
    {
        var tasks = new MetaDatasetEpisodes(pool);
        var counts = new Dictionary<T, int>();
        for (var i = 0; i < 2000; i++)
        {
            using var scope = new TensorScope();
            using var random = Generator.Seed(2).Derive(i);
            var value = feature(tasks.Sample(random));
            counts[value] = counts.GetValueOrDefault(value) + 1;
        }

        return counts;
    }

    private static float[][] RowsOf(Examples examples, int way)
    {
        var labels = examples.Targets.ToArray<long>();
        return [.. examples.Inputs.ToArray<float>().Chunk(2).Where((_, row) => labels[row] == way)];
    }
}

using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

public sealed class KMeansTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Objective_never_rises_and_is_that_of_the_assignment(ulong seed)
    {
        var points = Generator.Seed(seed).Normal([300, 5], dtype: DType.Float64);
        var (assignment, objectives) = KMeans.Fit(points, 20, Generator.Seed(seed));
        Assert.All(objectives.Zip(objectives.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1e-12, $"{pair.First} and then {pair.Second}"));
        var rows = points.Unbind().Select(row => row.ToArray<double>()).ToArray();
        var scatter = rows.Index().GroupBy(row => assignment[row.Index]).Sum(cluster => Enumerable.Range(0, 5).Sum(axis =>
        {
            var mean = cluster.Average(row => row.Item[axis]);
            return cluster.Sum(row => Math.Pow(row.Item[axis] - mean, 2));
        }));
        Assert.Equal(scatter / 300, objectives[^1], 1e-9);
    }

    [Fact]
    public void Clusters_that_lie_apart_are_found_from_any_seed()
    {
        var random = Generator.Seed(5);
        var centres = 100 * Tensor.Eye(8);
        var points = (centres.Unsqueeze(1) + random.Normal([8, 25, 8])).Reshape([200, 8]);
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var (assignment, _) = KMeans.Fit(points, 8, Generator.Seed(seed));
            Assert.Equal(1, RandIndex(assignment, [.. Enumerable.Range(0, 200).Select(i => i / 25)]), 1e-12);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0.125)]
    public void One_scale_for_all_coordinates_changes_no_cluster(double scale)
    {
        var points = Generator.Seed(6).Normal([200, 4]);
        Assert.Equal(KMeans.Fit(points, 10, Generator.Seed(1)).Assignment, KMeans.Fit(scale * points, 10, Generator.Seed(1)).Assignment); // a power of two rounds nothing
    }

    // Three places for eight clusters: what has no point of its own begins again elsewhere, and nobody is lost.
    [Fact]
    public void Points_of_few_places_are_divided_by_them()
    {
        var places = Tensor.From([0.0, 0, 5, 5, -3, 4], 3, 2);
        var points = places.Repeat([10, 1]);
        var (assignment, objectives) = KMeans.Fit(points, 8, Generator.Seed(2));
        Assert.Equal(0, objectives[^1], 1e-12);
        for (var i = 0; i < 30; i++)
        {
            Assert.All(Enumerable.Range(0, 30).Where(j => assignment[j] == assignment[i]), j => Assert.Equal(i % 3, j % 3));
        }
    }

    [Fact]
    public void As_many_clusters_as_points_are_one_each_and_more_are_refused()
    {
        var points = Generator.Seed(7).Normal([12, 3]);
        Assert.Equal(12, KMeans.Fit(points, 12, Generator.Seed(1)).Assignment.Distinct().Count());
        Assert.Single(KMeans.Fit(points, 1, Generator.Seed(1)).Assignment.Distinct());
        Assert.Contains("13 clusters", Assert.Throws<ArgumentException>(() => KMeans.Fit(points, 13, Generator.Seed(1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => KMeans.Fit(points, 0, Generator.Seed(1)));
    }

    // Hubert and Arabie's adjusted index: 1 for equal partitions, 0 in the mean over random ones.
    internal static double RandIndex(int[] first, int[] second)
    {
        static double Pairs(IEnumerable<int> counts) => counts.Sum(count => count * (count - 1) / 2.0);
        var both = Pairs(first.Zip(second).GroupBy(pair => pair).Select(group => group.Count()));
        var (ofFirst, ofSecond) = (Pairs(first.GroupBy(value => value).Select(group => group.Count())), Pairs(second.GroupBy(value => value).Select(group => group.Count())));
        var expected = ofFirst * ofSecond / Pairs([first.Length]);
        return (both - expected) / (((ofFirst + ofSecond) / 2) - expected);
    }
}

using Deutero.Evaluation;
using Deutero.Torch;

namespace Deutero.Data.Tests;

public sealed class CurveDataTests
{
    [Theory]
    [InlineData("weather", 19, 4, 12, 365)]
    [InlineData("growth", 51, 11, 31, 31)]
    public void Splits_share_no_curve_and_every_curve_is_whole(string name, int train, int validation, int test, int points)
    {
        var data = Open(name);
        Assert.Equal((train, validation, test), (data.Train.Count, data.Validation.Count, data.Test.Count));
        Curve[] all = [.. data.Train, .. data.Validation, .. data.Test];
        Assert.Equal(all.Length, all.Select(curve => curve.Name).Distinct().Count());
        Assert.All(all, curve => Assert.Equal((points, points), (curve.Inputs.Count, curve.Targets.Count)));
        Assert.All(all, curve => Assert.Equal((-5f, 5f), (curve.Inputs[0], curve.Inputs[^1])));
    }

    [Fact]
    public void First_lines_of_the_files_are_the_first_points()
    {
        var station = Open("weather").Validation[0];
        Assert.Equal(("St. Johns", -0.36f, -0.31f), (station.Name, station.Targets[0], station.Targets[1]));
        var child = Open("growth").Validation[0];
        Assert.Equal("boy01", child.Name);
        Assert.Equal(-4.87, child.Targets[0], 1e-5); // 81.3 cm
        Assert.Equal((10 * 0.25 / 17) - 5, child.Inputs[1], 1e-5); // a year and a quarter
    }

    [Fact]
    public void Mean_curve_of_the_other_stations_misses_by_its_known_error()
    {
        var data = Open("weather");
        Curve[] all = [.. data.Train, .. data.Validation, .. data.Test];
        double Miss(Curve curve, int day) => curve.Targets[day] - all.Where(other => other != curve).Average(other => (double)other.Targets[day]);
        var mean = all.Average(curve => Enumerable.Range(0, 365).Average(day => Math.Pow(Miss(curve, day), 2)));
        Assert.Equal(7.08, 10 * Math.Sqrt(mean), 0.02); // degrees
    }

    [Fact]
    public void An_episode_has_different_points_of_one_curve()
    {
        var curves = new CurveRegression("line", [new("c", [.. Enumerable.Range(0, 9).Select(i => (float)i)], [.. Enumerable.Range(0, 9).Select(i => 2f * i)])]) { Shots = 4, Queries = 5 };
        var episode = new FrozenEpisodes(curves, 1, 1)[0];
        EpisodeGuard.Check(episode);
        float[] inputs = [.. episode.Support.Inputs.ToArray<float>(), .. episode.Query.Inputs.ToArray<float>()];
        Assert.Equal(Enumerable.Range(0, 9).Select(i => (float)i), inputs.Order());
        Assert.Equal(inputs.Select(x => 2 * x), (float[])[.. episode.Support.Targets.ToArray<float>(), .. episode.Query.Targets.ToArray<float>()]);
        Assert.Equal("line 4-shot 5-query", curves.Name);
        Assert.Contains("points", Assert.Throws<ArgumentException>(() => (curves with { Queries = 6 }).Sample(Generator.Seed(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_family_is_named() =>
        Assert.Contains("weather", Assert.Throws<ArgumentException>(() => CurveData.Open("wheather")).Message, StringComparison.Ordinal);

    private static CurveData Open(string name) => CurveData.Open(name, TestData.Folder(DataSets.FewShotRegression));
}

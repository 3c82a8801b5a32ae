using Deutero.Cli.Reports;

namespace Deutero.Cli.Tests.Reports;

public sealed class AxisTests
{
    private static string Labels(double from, double to, bool log = false) =>
        string.Join(" ", Axis.Over([from, to], log, pad: false).Ticks.Select(tick => tick.Label));

    [Theory]
    [InlineData(0, 60_000, "0 10k 20k 30k 40k 50k 60k")]
    [InlineData(0, 1, "0 0.2 0.4 0.6 0.8 1")]
    [InlineData(20, 100, "20 40 60 80 100")]
    [InlineData(-3, 3, "-3 -2 -1 0 1 2 3")]
    [InlineData(0.985, 0.99, "0.985 0.986 0.987 0.988 0.989 0.99")]
    [InlineData(0, 5e6, "0 1M 2M 3M 4M 5M")]
    [InlineData(0, 1e-5, "0 2e-6 4e-6 6e-6 8e-6 1e-5")]
    [InlineData(0, 2500, "0 500 1000 1500 2000 2500")]
    public void Ticks_are_round(double from, double to, string expected) => Assert.Equal(expected, Labels(from, to));

    [Theory]
    [InlineData(0.01, 2, "0.01 0.1 1")]
    [InlineData(1, 10, "1 2 5 10")]
    [InlineData(1e-8, 1, "1e-8 1e-6 0.01 1")]
    public void Logarithmic_ticks_are_powers_of_ten_or_their_1_2_5(double from, double to, string expected) =>
        Assert.Equal(expected.Split(' ').Length, Labels(from, to, log: true).Split(' ').Intersect(expected.Split(' ')).Count());

    [Fact]
    public void Positions_run_from_0_to_1()
    {
        var axis = Axis.Over([2, 4], log: false, pad: false);
        Assert.Equal([0, 0.5, 1], new[] { 2.0, 3, 4 }.Select(axis.Position));
    }
}

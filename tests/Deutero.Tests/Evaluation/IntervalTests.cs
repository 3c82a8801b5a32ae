using Deutero.Evaluation;

namespace Deutero.Tests.Evaluation;

public sealed class IntervalTests
{
    [Theory]
    [InlineData(600, 0.0080)]
    [InlineData(10_000, 0.00196)]
    public void Deviation_of_a_tenth_has_the_known_half_width(int count, double expected)
    {
        // Half of the values this far above the mean and half below have a sample deviation of exactly 0.1.
        var offset = 0.1 * Math.Sqrt((count - 1.0) / count);
        var interval = Interval.Of([.. Enumerable.Range(0, count).Select(i => 0.5 + (i % 2 == 0 ? offset : -offset))]);
        Assert.Equal(0.5, interval.Mean, 1e-12);
        Assert.Equal(expected, interval.HalfWidth, 5e-6);
        Assert.Equal(count, interval.Count);
    }

    // Mean .014, standard error .014 / 2.0642; the quantile of 4 degrees of freedom is 2.776.
    [Fact]
    public void Few_paired_differences_use_students_quantile()
    {
        var interval = Interval.OfDifferences([0.52, 0.61, 0.73, 0.49, 0.62], [0.50, 0.60, 0.70, 0.50, 0.60]);
        Assert.Equal(0.014, interval.Mean, 1e-12);
        Assert.Equal(2.776 * 0.014 / 2.0642, interval.HalfWidth, 1e-6);
    }

    [Fact]
    public void Equal_values_have_no_width_and_one_value_has_an_unknown_one()
    {
        Assert.Equal(0, Interval.Of([.. Enumerable.Repeat(1.0, 50)]).HalfWidth);
        Assert.True(double.IsNaN(Interval.Of([0.3]).HalfWidth));
    }

    [Fact]
    public void Unequal_numbers_of_episodes_cannot_be_paired()
    {
        var error = Assert.Throws<ArgumentException>(() => Interval.OfDifferences([1, 2], [1]));
        Assert.Equal("2 and 1 episodes cannot be compared pairwise.", error.Message);
    }

    [Fact]
    public void Differences_of_learners_that_agree_are_narrower_than_either()
    {
        var first = Enumerable.Range(0, 100).Select(i => 0.5 + (0.3 * Math.Sin(i))).ToArray();
        var second = first.Select((value, i) => value - 0.02 + (0.01 * Math.Cos(5 * i))).ToArray();
        Assert.True(Interval.OfDifferences(first, second).HalfWidth < 0.2 * Interval.Of(first).HalfWidth);
    }
}

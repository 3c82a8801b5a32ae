namespace Deutero.Evaluation;

/// <summary>A mean with the half-width of its 95% confidence interval.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfWidth">1.96 standard errors; Student's t quantile below 30 values.</param>
/// <param name="Count">The number of values.</param>
public readonly record struct Interval(double Mean, double HalfWidth, int Count)
{
    // Two-sided 95% quantiles of Student's t for 1 to 29 degrees of freedom.
    private static readonly double[] s_student =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093,
        2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045,
    ];

    /// <summary>The interval of a sample.</summary>
    /// <param name="values">Independent values, at least one.</param>
    public static Interval Of(IReadOnlyCollection<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Count);
        var mean = values.Average();
        if (values.Count == 1)
        {
            return new(mean, double.NaN, 1);
        }

        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        var quantile = values.Count < 30 ? s_student[values.Count - 2] : 1.96;
        return new(mean, quantile * deviation / Math.Sqrt(values.Count), values.Count);
    }

    /// <summary>The interval of the differences of two learners on the same episodes: far narrower than that of either.</summary>
    /// <param name="first">Values by episode.</param>
    /// <param name="second">Values of the same episodes in the same order.</param>
    /// <exception cref="ArgumentException">The numbers of episodes differ.</exception>
    public static Interval OfDifferences(IReadOnlyList<double> first, IReadOnlyList<double> second) =>
        first.Count == second.Count
            ? Of([.. first.Zip(second, (a, b) => a - b)])
            : throw new ArgumentException($"{first.Count} and {second.Count} episodes cannot be compared pairwise.");
}

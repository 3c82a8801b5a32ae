namespace Deutero.Testing;

/// <summary>What a gradient check found: derivatives by automatic differentiation beside those by finite differences.</summary>
/// <param name="Analytic">The derivatives by automatic differentiation, every leaf flattened, in the order of the leaves.</param>
/// <param name="Numeric">The same derivatives by central differences.</param>
public sealed record GradientCheckResult(IReadOnlyList<double> Analytic, IReadOnlyList<double> Numeric)
{
    // Below this length both derivatives are zero for every practical purpose, and their ratio says nothing.
    private const double Tiny = 1e-12;

    /// <summary>The largest absolute difference of two entries; NaN where a derivative is NaN.</summary>
    public double AbsoluteError { get; } = Differences(Analytic, Numeric).Aggregate(0.0, (largest, next) => Math.Max(largest, Math.Abs(next)));

    /// <summary><c>||a - n|| / max(||a||, ||n||, 1e-12)</c> over all entries together; NaN where a derivative is NaN.</summary>
    public double RelativeError { get; } =
        Length(Differences(Analytic, Numeric)) / Math.Max(Math.Max(Length(Analytic), Length(Numeric)), Tiny);

    /// <summary>Whether the relative error stays within a tolerance; never where a derivative is NaN.</summary>
    /// <param name="tolerance">For smooth functions 1e-6 is generous at the default step.</param>
    public bool Within(double tolerance) => RelativeError <= tolerance;

    /// <inheritdoc/>
    public override string ToString() =>
        $"relative error {RelativeError:g3}, absolute error {AbsoluteError:g3}; automatic [{Text(Analytic)}], by differences [{Text(Numeric)}]";

    private static IEnumerable<double> Differences(IReadOnlyList<double> left, IReadOnlyList<double> right) => left.Zip(right, (a, b) => a - b);

    private static double Length(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));

    private static string Text(IReadOnlyList<double> values) =>
        string.Join(", ", values.Take(8).Select(value => value.ToString("g6"))) + (values.Count > 8 ? ", ..." : "");
}

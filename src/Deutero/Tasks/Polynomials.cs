using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Polynomial regression: y = c_0 + c_1 x + ... with coefficients of the task (Lee and Choi, ICML 2018).</summary>
/// <remarks>Coefficient c_i is uniform within ± 2^-i; inputs are uniform within ± 2.</remarks>
public sealed record Polynomials : ITaskDistribution
{
    private const double Range = 2;

    /// <summary>Support points, at least 1; default 10.</summary>
    public int Shots { get; init => field = Setting.AtLeast(value, 1, nameof(Shots)); } = 10;

    /// <summary>Query points, at least 1; default 10.</summary>
    public int Queries { get; init => field = Setting.AtLeast(value, 1, nameof(Queries)); } = 10;

    /// <summary>The degree of the polynomials; default 2.</summary>
    public int Degree { get; init; } = 2;

    /// <inheritdoc/>
    public string Name => $"polynomials of degree {Degree} {Shots}-shot {Queries}-query";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var coefficients = Enumerable.Range(0, Degree + 1).Select(i => ((2 * random.NextDouble()) - 1) / (1 << i)).ToArray();
        double Evaluate(double x) => coefficients.Reverse().Aggregate((value, coefficient) => (value * x) + coefficient);
        var support = RegressionPoints.Draw(random, Shots, Range, Evaluate);
        var query = RegressionPoints.Draw(random, Queries, Range, Evaluate);
        return new(support, query, "c=" + string.Join(' ', coefficients.Select(c => c.ToString("R"))));
    }
}

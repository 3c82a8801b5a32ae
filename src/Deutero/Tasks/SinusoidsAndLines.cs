using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Regression on a mixture: half of the tasks are sinusoids, half are lines, with noise (Finn, Xu and Levine, NeurIPS 2018).</summary>
/// <remarks>Sinusoids as in <see cref="Sinusoid"/>; lines have slope and intercept uniform within ± 3; noise has deviation 0.3.</remarks>
public sealed record SinusoidsAndLines : ITaskDistribution
{
    private const double Range = 5;
    private const double Noise = 0.3;

    /// <summary>Support points, at least 1; default 10.</summary>
    public int Shots { get; init => field = Setting.AtLeast(value, 1, nameof(Shots)); } = 10;

    /// <summary>Query points, at least 1; default 10.</summary>
    public int Queries { get; init => field = Setting.AtLeast(value, 1, nameof(Queries)); } = 10;

    /// <inheritdoc/>
    public string Name => $"sinusoids and lines {Shots}-shot {Queries}-query";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var isLine = random.Next(2) == 0;
        var (first, second) = (random.NextDouble(), random.NextDouble());
        var (slope, intercept) = (6 * (first - 0.5), 6 * (second - 0.5));
        var (amplitude, phase) = (0.1 + (4.9 * first), Math.PI * second);
        double Evaluate(double x) => isLine ? (slope * x) + intercept : amplitude * Math.Sin(x - phase);
        var support = RegressionPoints.Draw(random, Shots, Range, Evaluate, Noise);
        var query = RegressionPoints.Draw(random, Queries, Range, Evaluate, Noise);
        return new(support, query, isLine ? $"a={slope:R} b={intercept:R}" : $"A={amplitude:R} p={phase:R}");
    }
}

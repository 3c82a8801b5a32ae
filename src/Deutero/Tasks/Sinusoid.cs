using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Sinusoid regression: y = A sin(x - p) with amplitude and phase of the task (Finn, Abbeel and Levine, ICML 2017).</summary>
public sealed record Sinusoid : ITaskDistribution
{
    /// <summary>Support points, at least 1; default 10.</summary>
    public int Shots { get; init => field = Setting.AtLeast(value, 1, nameof(Shots)); } = 10;

    /// <summary>Query points, at least 1; default 10.</summary>
    public int Queries { get; init => field = Setting.AtLeast(value, 1, nameof(Queries)); } = 10;

    /// <summary>The least amplitude A; default 0.1.</summary>
    public double MinimumAmplitude { get; init; } = 0.1;

    /// <summary>The greatest amplitude A; default 5.</summary>
    public double MaximumAmplitude { get; init; } = 5;

    /// <summary>The greatest phase p in radians; default π.</summary>
    public double MaximumPhase { get; init; } = Math.PI;

    /// <summary>Inputs are uniform within ± this bound; default 5.</summary>
    public double Range { get; init; } = 5;

    /// <inheritdoc/>
    public string Name => $"sinusoid {Shots}-shot {Queries}-query";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var amplitude = MinimumAmplitude + ((MaximumAmplitude - MinimumAmplitude) * random.NextDouble());
        var phase = MaximumPhase * random.NextDouble();
        double Evaluate(double x) => amplitude * Math.Sin(x - phase);
        var support = RegressionPoints.Draw(random, Shots, Range, Evaluate);
        return new(support, RegressionPoints.Draw(random, Queries, Range, Evaluate), $"A={amplitude:R} p={phase:R}");
    }
}

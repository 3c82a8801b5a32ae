using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Sinusoid regression: y = A sin(x - p) with amplitude and phase of the task (Finn, Abbeel and Levine, ICML 2017).</summary>
public sealed record Sinusoid : ITaskDistribution
{
    /// <summary>Support points; default 10.</summary>
    public int Shots { get; init; } = 10;

    /// <summary>Query points; default 10.</summary>
    public int Queries { get; init; } = 10;

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
        var support = Points(random, Shots, amplitude, phase);
        return new(support, Points(random, Queries, amplitude, phase), FormattableString.Invariant($"A={amplitude:R} p={phase:R}"));
    }

    private Examples Points(Generator random, int count, double amplitude, double phase)
    {
        var inputs = new float[count];
        var targets = new float[count];
        for (var i = 0; i < count; i++)
        {
            var x = Range * ((2 * random.NextDouble()) - 1);
            (inputs[i], targets[i]) = ((float)x, (float)(amplitude * Math.Sin(x - phase)));
        }

        return new(Tensor.Share(inputs, count, 1), Tensor.Share(targets, count, 1), Ways: 0);
    }
}

using Deutero.Optimisers;

namespace Deutero.Training;

/// <summary>How the outer loop turns meta-gradients into updates.</summary>
public sealed record OuterLoop
{
    /// <summary>The optimiser; default Adam.</summary>
    public OuterOptimiser Optimiser { get; init; }

    /// <summary>The first learning rate β; default 1e-3.</summary>
    public double Rate { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Rate), value, "Rate must be positive."); } = 1e-3;

    /// <summary>How the rate changes over the run; default constant.</summary>
    public OuterSchedule Schedule { get; init; }

    /// <summary>The last rate of a linear or cosine schedule; default 0.</summary>
    public double FinalRate { get; init; }

    /// <summary>Iterations between halvings of a halving schedule; default 2,000.</summary>
    public int HalveEvery { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(HalveEvery), value, "HalveEvery must be at least 1."); } = 2000;

    /// <summary>The decay of the momentum optimiser; default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Decoupled weight decay of AdamW; default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Bounds every element of the meta-gradient; 0 leaves it; MAML's authors use 10; default 0.</summary>
    public double ClipValue { get; init; }

    /// <summary>Bounds the norm of the meta-gradient; 0 leaves it; default 0.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Builds the optimiser.</summary>
    /// <param name="iterations">The length of the run, which the schedules need.</param>
    public GradientTransform Build(int iterations)
    {
        var schedule = Schedule switch
        {
            OuterSchedule.Constant => Schedules.Constant(Rate),
            OuterSchedule.Linear => Schedules.Linear(Rate, FinalRate, iterations),
            OuterSchedule.Cosine => Schedules.Cosine(Rate, FinalRate, iterations),
            OuterSchedule.Halving => Schedules.Step(Rate, 0.5, HalveEvery),
            _ => throw new System.Diagnostics.UnreachableException($"Schedule {Schedule}"),
        };
        var descent = Optimiser switch
        {
            OuterOptimiser.Adam => GradientTransform.Adam(schedule),
            OuterOptimiser.AdamW => GradientTransform.AdamW(schedule, WeightDecay),
            OuterOptimiser.Sgd => GradientTransform.Sgd(schedule),
            OuterOptimiser.Momentum => GradientTransform.Chain(GradientTransform.Momentum(Momentum), GradientTransform.Descend(schedule)),
            _ => throw new System.Diagnostics.UnreachableException($"Optimiser {Optimiser}"),
        };
        var parts = new List<GradientTransform>();
        if (ClipValue > 0)
        {
            parts.Add(GradientTransform.ClipByValue(ClipValue));
        }

        if (ClipNorm > 0)
        {
            parts.Add(GradientTransform.ClipByNorm(ClipNorm));
        }

        return GradientTransform.Chain([.. parts, descent]);
    }
}

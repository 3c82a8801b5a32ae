using Deutero.Compression;

namespace Deutero.Training;

/// <summary>The settings of meta-training.</summary>
public sealed record TrainingSettings
{
    /// <summary>Outer updates; default 2,000.</summary>
    public int Iterations { get; init => field = Least(value, 1, nameof(Iterations)); } = 2000;

    /// <summary>Episodes per outer update; default 4.</summary>
    public int MetaBatch { get; init => field = Least(value, 1, nameof(MetaBatch)); } = 4;

    /// <summary>How the episodes of a meta-batch are executed; default Auto.</summary>
    public Execution Execution { get; init; }

    /// <summary>Threads; 0 means one per core; default 0.</summary>
    public int Threads { get; init => field = Least(value, 0, nameof(Threads)); }

    /// <summary>Determines the whole run; default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The outer optimiser.</summary>
    public OuterLoop Outer { get; init; } = new();

    /// <summary>Iterations between validations; 0 never validates; default 500.</summary>
    public int ValidateEvery { get; init => field = Least(value, 0, nameof(ValidateEvery)); } = 500;

    /// <summary>Episodes of each validation, always the same ones; default 100.</summary>
    public int ValidationEpisodes { get; init => field = Least(value, 2, nameof(ValidationEpisodes)); } = 100;

    /// <summary>Validations without a better one after which training stops early; 0 never stops early; default 0.</summary>
    public int Patience { get; init => field = Least(value, 0, nameof(Patience)); }

    /// <summary>The least time between checkpoints in seconds; default 30.</summary>
    public double CheckpointSeconds { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(CheckpointSeconds), value, "CheckpointSeconds must not be negative."); } = 30;

    /// <summary>How several processes add up their meta-gradients; default none, the exact sum.</summary>
    public IGradientCompression Compression { get; init; } = new None();

    /// <summary>Momentum of the running BatchNorm statistics, for models with the Running policy; default 0.1.</summary>
    public double StatisticsMomentum { get; init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(StatisticsMomentum), value, "StatisticsMomentum must be in (0, 1]."); } = 0.1;

    /// <summary>The resident memory that the process may take, such as 2GiB, by which 'deutero train' chooses the unrolling; empty does not limit it; default empty.</summary>
    public string MemoryBudget { get; init => field = value.Length == 0 || ByteSize.TryParse(value, out _) ? value : throw new ArgumentException("MemoryBudget must be an amount such as 2GiB or 500MB.", nameof(MemoryBudget)); } = "";

    /// <summary>The threads that <see cref="Threads"/> stands for on this machine.</summary>
    public int ThreadCount => Threads > 0 ? Threads : Environment.ProcessorCount;

    private static int Least(int value, int minimum, string name) =>
        value >= minimum ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {minimum}.");
}

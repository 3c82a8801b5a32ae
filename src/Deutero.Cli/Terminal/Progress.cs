namespace Deutero.Cli.Terminal;

/// <summary>How far a run has come.</summary>
public readonly record struct Progress
{
    /// <summary>Iterations done, 0 or more.</summary>
    public required long Iteration { get; init; }

    /// <summary>Iterations in all; 0 where the end is not known.</summary>
    public long Total { get; init; }

    /// <summary>Tasks (episodes) in an iteration, for the rate in tasks per second; 0 to leave it out.</summary>
    public int TasksPerIteration { get; init; }

    /// <summary>The latest loss; null to leave it out.</summary>
    public double? Loss { get; init; }

    /// <summary>The latest accuracy, in [0, 1]; null to leave it out.</summary>
    public double? Accuracy { get; init; }
}

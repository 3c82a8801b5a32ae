namespace Deutero.Cli.Runs;

/// <summary>How a run is evaluated.</summary>
public sealed record EvaluationSettings
{
    /// <summary>Test episodes; default 600.</summary>
    public int Episodes { get; init => field = value >= 2 ? value : throw new ArgumentOutOfRangeException(nameof(Episodes), value, "Episodes must be at least 2."); } = 600;

    /// <summary>Determines which items every test episode holds; default 2026.</summary>
    public ulong Seed { get; init; } = 2026;

    /// <summary>Whether all queries of an episode are predicted in one batch; false is not transductive under the Episode policy; default true.</summary>
    public bool QueriesTogether { get; init; } = true;
}

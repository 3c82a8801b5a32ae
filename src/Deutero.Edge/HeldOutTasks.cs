using Deutero.Tasks;

namespace Deutero.Edge;

/// <summary>The tasks that a model is calibrated on.</summary>
/// <param name="Train">The classes of meta-training.</param>
/// <param name="Learning">Classes that meta-training has not seen, to learn the calibration on.</param>
/// <param name="Measuring">Classes that the calibration has not seen either, to measure it on.</param>
public sealed record HeldOutTasks(IClassPool Train, IClassPool Learning, IClassPool Measuring)
{
    /// <summary>Classes of an episode, at least 2; a model whose last layer has a fixed width takes that instead; default 5.</summary>
    public int Ways { get; init => field = value >= 2 ? value : throw new ArgumentOutOfRangeException(nameof(Ways), value, "Ways must be at least 2."); } = 5;

    /// <summary>Support examples of each class, at least 1; episodes take turns through these numbers, of which there is at least one; default 1 and 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or one is below 1.</exception>
    public IReadOnlyList<int> Shots
    {
        get;
        init => field = value.Count > 0 && value.All(shots => shots >= 1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Shots), string.Join(", ", value), "Shots must be one or more numbers, each at least 1.");
    } = [1, 5];

    /// <summary>Queries of each class, at least 1; default 3.</summary>
    public int Queries { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Queries), value, "Queries must be at least 1."); } = 3;

    /// <summary>Episodes to learn on, and as many to measure on, at least 10; default 200.</summary>
    public int Episodes { get; init => field = value >= 10 ? value : throw new ArgumentOutOfRangeException(nameof(Episodes), value, "Episodes must be at least 10."); } = 200;

    /// <summary>The share of queries of known classes that may be taken for none of these, in (0, 0.5]; default 0.05.</summary>
    public double Rate { get; init => field = value is > 0 and <= 0.5 ? value : throw new ArgumentOutOfRangeException(nameof(Rate), value, "Rate must be above 0 and at most 0.5."); } = 0.05;

    /// <summary>Determines the episodes; default 2027.</summary>
    public ulong Seed { get; init; } = 2027;

    /// <summary>.NET threads that run episodes; the result does not depend on it; default 1.</summary>
    public int Threads { get; init; } = 1;
}

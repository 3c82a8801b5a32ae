using System.Globalization;

namespace Deutero.Torch.Distributed;

/// <summary>Which of a run's processes this one is, by the environment variables that torchrun and Kubernetes' PyTorchJob set.</summary>
public sealed record RankEnvironment
{
    private const int MostRanks = 65536;

    /// <summary>This process, in <c>[0, WorldSize)</c>: <c>RANK</c>.</summary>
    public required int Rank { get; init; }

    /// <summary>The number of processes: <c>WORLD_SIZE</c>.</summary>
    public required int WorldSize { get; init; }

    /// <summary>Where the store is: <c>MASTER_ADDR</c>.</summary>
    public required string MasterAddress { get; init; }

    /// <summary>The store's port: <c>MASTER_PORT</c>.</summary>
    public required int MasterPort { get; init; }

    /// <summary>This process among those of its machine: <c>LOCAL_RANK</c>; default 0.</summary>
    public int LocalRank { get; init; }

    /// <summary>The processes of this machine, which share its cores: <c>LOCAL_WORLD_SIZE</c>; default 1.</summary>
    public int LocalWorldSize { get; init; } = 1;

    /// <summary>How often the processes were started again: <c>TORCHELASTIC_RESTART_COUNT</c>; default 0.</summary>
    public int Attempt { get; init; }

    /// <summary>Whether the launcher hosts the store, rather than rank 0: <c>TORCHELASTIC_USE_AGENT_STORE</c>; default false.</summary>
    public bool LauncherHostsStore { get; init; }

    /// <summary>How long to wait for the others: <c>DEUTERO_JOIN_SECONDS</c>; default five minutes.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Reads this process's environment.</summary>
    /// <returns>Null where neither <c>RANK</c> nor <c>WORLD_SIZE</c> is set: the process is alone.</returns>
    /// <exception cref="ArgumentException">A variable is missing, no number, or out of its range; the message names it.</exception>
    public static RankEnvironment? Read() => Read(Environment.GetEnvironmentVariable);

    /// <summary>Reads an environment.</summary>
    /// <param name="variable">From a name to its value; null where it is not set.</param>
    /// <inheritdoc cref="Read()"/>
    public static RankEnvironment? Read(Func<string, string?> variable)
    {
        if (variable("RANK") is null && variable("WORLD_SIZE") is null)
        {
            return null;
        }

        int Number(string name, int least, int most, int? standard = null) => variable(name) switch
        {
            null or "" => standard ?? throw new ArgumentException($"The environment has RANK or WORLD_SIZE but no {name}: a run of several processes needs RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT."),
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most => value,
            var text => throw new ArgumentException($"{name} is '{text}' but must be a whole number from {least} to {most}."),
        };
        var size = Number("WORLD_SIZE", 1, MostRanks);
        return new()
        {
            Rank = Number("RANK", 0, size - 1),
            WorldSize = size,
            MasterAddress = variable("MASTER_ADDR") is { Length: > 0 } address ? address : throw new ArgumentException("The environment has RANK or WORLD_SIZE but no MASTER_ADDR: the address of rank 0's machine."),
            MasterPort = Number("MASTER_PORT", 1, ushort.MaxValue),
            LocalRank = Number("LOCAL_RANK", 0, MostRanks, 0),
            LocalWorldSize = Number("LOCAL_WORLD_SIZE", 1, MostRanks, 1),
            Attempt = Number("TORCHELASTIC_RESTART_COUNT", 0, int.MaxValue, 0),
            LauncherHostsStore = string.Equals(variable("TORCHELASTIC_USE_AGENT_STORE"), "true", StringComparison.OrdinalIgnoreCase),
            JoinTimeout = TimeSpan.FromSeconds(Number("DEUTERO_JOIN_SECONDS", 1, 86_400, 300)),
        };
    }

    /// <summary>The variables that <see cref="Read()"/> reads.</summary>
    public IEnumerable<(string Name, string Value)> Variables() =>
    [
        ("RANK", Text(Rank)), ("WORLD_SIZE", Text(WorldSize)), ("MASTER_ADDR", MasterAddress), ("MASTER_PORT", Text(MasterPort)),
        ("LOCAL_RANK", Text(LocalRank)), ("LOCAL_WORLD_SIZE", Text(LocalWorldSize)), ("TORCHELASTIC_RESTART_COUNT", Text(Attempt)),
        ("TORCHELASTIC_USE_AGENT_STORE", LauncherHostsStore ? "True" : "False"), ("DEUTERO_JOIN_SECONDS", Text((int)JoinTimeout.TotalSeconds)),
    ];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}

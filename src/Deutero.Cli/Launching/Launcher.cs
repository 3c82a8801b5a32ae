using System.Diagnostics;
using Deutero.Cli.Commands;
using Deutero.Cli.Runs;
using Deutero.Torch.Distributed;

namespace Deutero.Cli.Launching;

/// <summary>Runs a command on several local processes, and starts them again from the last checkpoint when one of them dies.</summary>
/// <remarks>It hosts the store, which therefore outlives every rank.</remarks>
internal sealed record Launcher
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_join = TimeSpan.FromMinutes(2);

    // What the other ranks have to notice a death and to save, and to end in good order when they were asked to.
    private static readonly TimeSpan s_afterDeath = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_afterEnd = TimeSpan.FromMinutes(1);

    /// <summary>The command that each rank runs.</summary>
    internal required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The ranks to begin with.</summary>
    internal required int Processes { get; init; }

    /// <summary>The fewest ranks to go on with.</summary>
    internal required int MinProcesses { get; init; }

    /// <summary>How often the ranks are started again.</summary>
    internal required int MaxRestarts { get; init; }

    /// <summary>Runs to the end.</summary>
    /// <returns>The command's exit code.</returns>
    internal int Run(CancellationToken cancellation)
    {
        using var store = Store.Host(0, s_join);
        using var stop = cancellation.Register(() => ProcessGroup.RequestStop(store));
        var (size, saves) = (Processes, -1L);
        for (var attempt = 0; ; attempt++)
        {
            var (rank, code) = Attempt(store.Port, attempt, size);
            if (code is ExitCodes.Done or ExitCodes.Refused or ExitCodes.CheckFailed or ExitCodes.Cancelled || cancellation.IsCancellationRequested)
            {
                return code;
            }

            if (attempt == MaxRestarts)
            {
                Console.Error.WriteLine($"{Ending(rank, code)}, and {MaxRestarts} restart(s) are used up; the same command goes on from the last checkpoint.");
                return ExitCodes.PeerLost;
            }

            // A second death without a checkpoint between: that many ranks do not fit here.
            var stuck = store.Add(Ranks.SavesKey, 0) == saves;
            saves = store.Add(Ranks.SavesKey, 0);
            size = stuck && size > MinProcesses ? size - 1 : size;
            Console.Error.WriteLine($"{Ending(rank, code)}; going on from the last checkpoint with {size} rank(s) (restart {attempt + 1} of {MaxRestarts}).");
        }
    }

    private static string Ending(int rank, int code) => code == ExitCodes.PeerLost
        ? "A rank was not heard of any more"
        : $"Rank {rank} ended with exit code {code}{(code == 137 ? " (killed)" : "")}";

    // Until all ranks ended, or until one did without the others.
    private (int Rank, int Code) Attempt(int port, int attempt, int size)
    {
        var ranks = new List<RankProcess>();
        try
        {
            for (var rank = 0; rank < size; rank++)
            {
                ranks.Add(new RankProcess(Place(rank, size, port, attempt), Arguments));
            }

            Wait(() => ranks.All(rank => rank.HasExited) || ranks.Any(rank => rank.HasExited && rank.ExitCode != ExitCodes.Done), Timeout.InfiniteTimeSpan);
            var died = ranks.Any(rank => rank.HasExited && rank.ExitCode is not (ExitCodes.Done or ExitCodes.Refused or ExitCodes.CheckFailed or ExitCodes.Cancelled));
            Wait(() => ranks.All(rank => rank.HasExited), died ? s_afterDeath : s_afterEnd);
            return Judge(ranks);
        }
        finally
        {
            ranks.ForEach(rank => rank.Dispose());
        }
    }

    private static (int Rank, int Code) Judge(List<RankProcess> ranks)
    {
        var reason = ranks.Find(rank => rank.IsReason) ?? ranks.Find(rank => rank.HasExited && rank.ExitCode != ExitCodes.Done);
        if (reason is null)
        {
            return (0, ExitCodes.Done);
        }

        foreach (var line in reason.IsReason ? reason.Said() : [])
        {
            Console.Error.WriteLine(line);
        }

        return (reason.Rank, reason.ExitCode);
    }

    private static RankEnvironment Place(int rank, int size, int port, int attempt) => new()
    {
        Rank = rank, LocalRank = rank, WorldSize = size, LocalWorldSize = size, MasterAddress = "127.0.0.1", MasterPort = port, Attempt = attempt,
        LauncherHostsStore = true, JoinTimeout = s_join,
    };

    private static void Wait(Func<bool> condition, TimeSpan longest)
    {
        var watch = Stopwatch.StartNew();
        while (!condition() && (longest == Timeout.InfiniteTimeSpan || watch.Elapsed < longest))
        {
            Thread.Sleep(s_look);
        }
    }
}

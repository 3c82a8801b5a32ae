using System.Diagnostics;
using System.Globalization;

namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>A launched run from which ranks are taken away ends as one that was left alone.</summary>
public sealed class LostRankTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // DEUTERO_KILLS=50 makes it the long test of a release.
    private static readonly int s_kills = int.Parse(Environment.GetEnvironmentVariable("DEUTERO_KILLS") ?? "3", CultureInfo.InvariantCulture);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Kills_of_random_ranks_leave_no_trace()
    {
        // Longer with more kills, so that each finds a run to kill. In a loop, episodes have the same bits in whatever company.
        string[] settings = [.. Settings.Sinusoid(200 + (10 * s_kills)), .. Settings.Set("training.execution=loop")];
        var whole = DeuteroProcess.Run(["train", "-o", _folder["whole"], .. settings]);
        Assert.True(whole.Code == 0, whole.Error);

        var random = new Random(20260301);
        using var launcher = Launch(settings, 2, $"{s_kills}");
        for (var kill = 0; kill < s_kills; kill++)
        {
            AwaitCheckpoint(launcher);
            launcher.WaitForExit(random.Next(40));
            Kill(launcher, random.Next);
        }

        var outcome = DeuteroProcess.Finish(launcher);
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(s_kills, outcome.Error.Split("going on from the last checkpoint").Length - 1);
        Assert.InRange(Models.Distance(_folder["whole", "model.safetensors"], _folder["killed", "model.safetensors"]), 0, 1e-5);
    }

    [Fact]
    public void A_rank_that_hangs_is_noticed_within_five_seconds_and_replaced()
    {
        var settings = Settings.Sinusoid(300);
        using var launcher = Launch(settings, 2, "1");
        AwaitCheckpoint(launcher);
        var watch = Stopwatch.StartNew();
        Signal("STOP", Children(launcher)[1]);
        while (launcher.StandardError.ReadLine() is { } line && !line.Contains("lost another rank", StringComparison.Ordinal))
        {
        }

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5.5); // five, and half of one for the lines to arrive
        var outcome = DeuteroProcess.Finish(launcher);
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Contains("going on from the last checkpoint with 2 rank(s) (restart 1 of 1)", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rank_that_dies_again_and_again_is_done_without()
    {
        var settings = Settings.Set("training.checkpointSeconds=1000");
        using var launcher = Launch([.. Settings.Sinusoid(150), .. settings], 2, "3");
        for (var death = 0; death < 2; death++)
        {
            Assert.True(SpinWait.SpinUntil(() => Children(launcher).Length == 2 || launcher.HasExited, s_patience));
            Kill(launcher, count => count - 1);
        }

        var outcome = DeuteroProcess.Finish(launcher);
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Contains("with 1 rank(s) (restart 2 of 3)", outcome.Error, StringComparison.Ordinal);
    }

    private Process Launch(string[] settings, int processes, string restarts) => DeuteroProcess.Start(
    [
        "launch", "-n", $"{processes}", "--max-restarts", restarts, "--", "train", "-o", _folder["killed"], "--set", "training.checkpointSeconds=0", .. settings,
    ]);

    private void AwaitCheckpoint(Process launcher)
    {
        var checkpoint = _folder["killed", "checkpoint.safetensors"];
        var before = File.GetLastWriteTimeUtc(checkpoint);
        Assert.True(SpinWait.SpinUntil(() => File.GetLastWriteTimeUtc(checkpoint) != before || launcher.HasExited, s_patience));
        Assert.False(launcher.HasExited, "The run ended before all kills: it must be made longer.");
    }

    // And waits until the launcher has swept up.
    private static void Kill(Process launcher, Func<int, int> choose)
    {
        var ranks = Children(launcher);
        Assert.NotEmpty(ranks);
        Signal("KILL", ranks[choose(ranks.Length)]);
        Assert.True(SpinWait.SpinUntil(() => !Children(launcher).Intersect(ranks).Any(), s_patience));
    }

    private static int[] Children(Process process)
    {
        var tasks = $"/proc/{process.Id}/task";
        return Directory.Exists(tasks)
            ? [.. Directory.GetDirectories(tasks).SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(id => int.Parse(id, CultureInfo.InvariantCulture)).Order()]
            : [];
    }

    private static void Signal(string signal, int process) => Process.Start("kill", [$"-{signal}", $"{process}"]).WaitForExit();
}

using System.Diagnostics;
using Deutero.Cli.Commands;
using Deutero.Torch.Distributed;

namespace Deutero.Cli.Launching;

/// <summary>One rank of a launched run: this program again, with the environment of a rank.</summary>
internal sealed class RankProcess : IDisposable
{
    private const int LinesKept = 20;

    private readonly Process _process;
    private readonly Queue<string> _lines = new();

    internal RankProcess(RankEnvironment environment, IReadOnlyList<string> arguments)
    {
        Rank = environment.Rank;
        var program = Environment.ProcessPath!;
        var runsUnderDotnet = Path.GetFileNameWithoutExtension(program) == "dotnet";
        var start = new ProcessStartInfo(program, [.. runsUnderDotnet ? [Environment.GetCommandLineArgs()[0]] : Array.Empty<string>(), .. arguments]);
        foreach (var (name, value) in environment.Variables())
        {
            start.Environment[name] = value;
        }

        // The first rank has the terminal. What the others say counts only where one of them is the reason that the run ends.
        start.RedirectStandardError = start.RedirectStandardOutput = Rank > 0;
        _process = Process.Start(start)!;
        if (Rank > 0)
        {
            _process.ErrorDataReceived += (_, line) => Remember(line.Data);
            _process.BeginErrorReadLine();
            _process.BeginOutputReadLine();
        }
    }

    internal int Rank { get; }

    internal bool HasExited => _process.HasExited;

    internal int ExitCode => _process.ExitCode;

    /// <summary>Whether the rank ended by itself: not because another one did.</summary>
    internal bool IsReason => HasExited && ExitCode is not (ExitCodes.Done or ExitCodes.PeerLost);

    /// <summary>The last lines of a rank other than the first.</summary>
    internal string[] Said()
    {
        _process.WaitForExit(); // for its last lines
        lock (_lines)
        {
            return [.. _lines];
        }
    }

    internal void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Remember(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesKept)
            {
                _lines.Dequeue();
            }
        }
    }
}

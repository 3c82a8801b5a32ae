namespace Deutero.Cli.Terminal;

/// <summary>Reports progress: on a terminal one line rewritten in place, elsewhere (a log, a pipe) now and then a line.</summary>
/// <remarks>
/// Rewrites with a carriage return and blanks alone; no escape codes are ever written, so <c>NO_COLOR</c> holds by construction.
/// Safe to call from any thread, and as often as one likes.
/// </remarks>
public sealed class ProgressWriter : IDisposable
{
    private static readonly TimeSpan s_rewritten = TimeSpan.FromMilliseconds(100);

    // Long enough to smooth out garbage collections and validation, short enough to notice a machine that got slower.
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly TextWriter _output;
    private readonly TimeProvider _time;
    private readonly bool _interactive;
    private readonly int _width;
    private readonly TimeSpan _interval;
    private readonly Queue<(long At, long Iteration)> _history = new();
    private long _latest;
    private long? _written;
    private int _shown;
    private Progress? _unwritten;

    /// <summary>Makes a writer.</summary>
    /// <param name="output">Where to write; standard error, so that results on standard output stay clean.</param>
    /// <param name="interactive">Whether a line can be rewritten in place.</param>
    /// <param name="interval">The least time between two lines where it cannot, greater than 0.</param>
    /// <param name="time">The clock; the system's where null.</param>
    /// <param name="width">Characters in a line of the terminal, at least 20; a longer line is cut.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="interval"/> or <paramref name="width"/> is too small.</exception>
    public ProgressWriter(TextWriter output, bool interactive, TimeSpan interval, TimeProvider? time = null, int width = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 20);
        _output = output;
        _interactive = interactive;
        _interval = interactive ? s_rewritten : interval;
        _time = time ?? TimeProvider.System;
        _width = width;
    }

    /// <summary>Makes a writer for this process's standard error.</summary>
    /// <param name="interval">The least time between two lines where standard error is not a terminal.</param>
    public static ProgressWriter ForStandardError(TimeSpan interval)
    {
        var interactive = CanRewrite(Console.IsErrorRedirected, Environment.GetEnvironmentVariable("TERM"));
        return new ProgressWriter(Console.Error, interactive, interval, width: interactive ? TerminalWidth() : int.MaxValue);
    }

    /// <summary>Whether a line can be rewritten in place.</summary>
    /// <param name="redirected">Whether the output goes to a file or a pipe.</param>
    /// <param name="term">The environment variable <c>TERM</c>.</param>
    public static bool CanRewrite(bool redirected, string? term) => !redirected && term != "dumb";

    /// <summary>Reports progress; writes only where enough time has passed since the last line.</summary>
    /// <param name="progress">How far the run has come.</param>
    public void Report(Progress progress)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            Remember(now, progress.Iteration);
            if (_written is { } last && _time.GetElapsedTime(last, now) < _interval)
            {
                _unwritten = progress;
                return;
            }

            Write(progress, now);
        }
    }

    /// <summary>Writes a message on a line of its own, above the progress.</summary>
    /// <param name="message">One line of text.</param>
    public void WriteLine(string message)
    {
        lock (_lock)
        {
            Erase();
            _output.WriteLine(message);
            _written = _interactive ? null : _written;
        }
    }

    /// <summary>Writes the last progress, if it was held back, and ends the line.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_unwritten is { } progress)
            {
                Write(progress, _time.GetTimestamp());
            }

            if (_shown > 0)
            {
                _output.WriteLine();
                _shown = 0;
            }

            _output.Flush();
        }
    }

    // One entry for each rewriting of the line at most: a run of thousands of iterations a second stays cheap.
    private void Remember(long now, long iteration)
    {
        if (_history.Count > 1 && _time.GetElapsedTime(_latest, now) < s_rewritten)
        {
            return;
        }

        _history.Enqueue((now, iteration));
        _latest = now;
        while (_history.Count > 2 && _time.GetElapsedTime(_history.Peek().At, now) > s_window)
        {
            _history.Dequeue();
        }
    }

    private double? RateAt(long now, long iteration)
    {
        var (at, first) = _history.Peek();
        var seconds = _time.GetElapsedTime(at, now).TotalSeconds;
        return seconds > 0 && iteration > first ? (iteration - first) / seconds : null;
    }

    private void Write(Progress progress, long now)
    {
        var line = ProgressLine.Format(progress, RateAt(now, progress.Iteration));
        if (_interactive)
        {
            // A line of the terminal's full width would wrap, and could then not be rewritten.
            var cut = line.Length < _width ? line : line[..(_width - 1)];
            _output.Write($"\r{cut}{new string(' ', Math.Max(0, _shown - cut.Length))}");
            _shown = cut.Length;
        }
        else
        {
            _output.WriteLine(line);
        }

        _output.Flush();
        _written = now;
        _unwritten = null;
    }

    private void Erase()
    {
        if (_shown > 0)
        {
            _output.Write($"\r{new string(' ', _shown)}\r");
            _shown = 0;
        }
    }

    private static int TerminalWidth()
    {
        try
        {
            return Math.Max(20, Console.WindowWidth);
        }
        catch (IOException)
        {
            return 80;
        }
    }
}

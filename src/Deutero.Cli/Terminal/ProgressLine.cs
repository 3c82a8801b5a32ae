using System.Globalization;

namespace Deutero.Cli.Terminal;

/// <summary>Writes progress as one line of text.</summary>
public static class ProgressLine
{
    /// <summary>Formats progress.</summary>
    /// <param name="progress">How far the run has come.</param>
    /// <param name="iterationsPerSecond">The present rate; null where none is known yet.</param>
    /// <returns>For example <c>1,200/60,000  2.0%  12.3 it/s  394 tasks/s  loss 0.4321  acc 91.2%  1 h 19 min left</c>.</returns>
    public static string Format(Progress progress, double? iterationsPerSecond)
    {
        var parts = new List<string> { Position(progress) };
        if (progress.Total > 0)
        {
            parts.Add(Text($"{100.0 * progress.Iteration / progress.Total:0.0}%"));
        }

        if (iterationsPerSecond is { } rate)
        {
            parts.Add($"{Rate(rate)} it/s");
            if (progress.TasksPerIteration > 0)
            {
                parts.Add($"{Rate(rate * progress.TasksPerIteration)} tasks/s");
            }
        }

        if (progress.Loss is { } loss)
        {
            parts.Add(Text($"loss {loss:0.0000}"));
        }

        if (progress.Accuracy is { } accuracy)
        {
            parts.Add(Text($"acc {100 * accuracy:0.0}%"));
        }

        if (iterationsPerSecond is > 0 && progress.Total > progress.Iteration)
        {
            parts.Add($"{Duration((progress.Total - progress.Iteration) / iterationsPerSecond.Value)} left");
        }

        return string.Join("  ", parts);
    }

    /// <summary>A duration in the two units that matter.</summary>
    /// <param name="seconds">Seconds, 0 or more.</param>
    /// <returns>For example <c>45 s</c>, <c>3 min 20 s</c>, <c>1 h 19 min</c>, <c>2 d 3 h</c>.</returns>
    public static string Duration(double seconds)
    {
        if (!(seconds < 1e9))
        {
            return "ages";
        }

        // Rounded up: work that is not done takes at least a second.
        var whole = (long)Math.Ceiling(seconds);
        return whole switch
        {
            < 60 => $"{whole} s",
            < 3600 => $"{whole / 60} min {whole % 60} s",
            < 86_400 => $"{whole / 3600} h {whole % 3600 / 60} min",
            _ => $"{whole / 86_400} d {whole % 86_400 / 3600} h",
        };
    }

    private static string Position(Progress progress) => progress.Total > 0
        ? Text($"{progress.Iteration:N0}/{progress.Total:N0}")
        : Text($"{progress.Iteration:N0}");

    private static string Rate(double rate) => rate switch
    {
        < 10 => Text($"{rate:0.00}"),
        < 100 => Text($"{rate:0.0}"),
        _ => Text($"{rate:N0}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

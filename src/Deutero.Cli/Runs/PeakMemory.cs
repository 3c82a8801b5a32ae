using System.Globalization;

namespace Deutero.Cli.Runs;

/// <summary>The largest resident memory of this process, as Linux counts it.</summary>
internal static class PeakMemory
{
    private const string Status = "/proc/self/status";

    internal static long Bytes => Read("VmHWM:");

    /// <summary>The present resident memory.</summary>
    internal static long Present => Read("VmRSS:");

    /// <summary>Begins to count anew from the present memory, where the kernel permits it.</summary>
    internal static void Restart()
    {
        const string counters = "/proc/self/clear_refs";
        try
        {
            if (File.Exists(counters))
            {
                File.WriteAllText(counters, "5"); // proc(5): resets the peak resident set size
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Then the peak is that of the process since its start.
        }
    }

    private static long Read(string name)
    {
        var line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(text => text.StartsWith(name, StringComparison.Ordinal)) : null;
        return line is null ? 0 : long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }
}

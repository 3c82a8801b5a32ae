using System.Globalization;

namespace Deutero.Cli.Runs;

/// <summary>The largest resident memory of this process, as Linux counts it.</summary>
internal static class PeakMemory
{
    private const string Status = "/proc/self/status";

    internal static long Bytes
    {
        get
        {
            var line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
            return line is null ? 0 : long.Parse(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
        }
    }

    // Writing 5 sets the mark back to the present size, where the kernel allows it.
    internal static void Reset()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The peak then covers the whole process so far.
        }
    }
}

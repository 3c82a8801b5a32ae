using System.Globalization;

namespace Deutero.Cli.Benchmarks;

/// <summary>The largest resident memory of this process since it began, as Linux counts it.</summary>
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
}

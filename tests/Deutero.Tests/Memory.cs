using System.Globalization;

namespace Deutero.Tests;

/// <summary>How much memory this process really occupies, native tensors included.</summary>
internal static class Memory
{
    internal static long ResidentMegabytes()
    {
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}

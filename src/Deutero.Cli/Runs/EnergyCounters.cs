using System.Globalization;

namespace Deutero.Cli.Runs;

/// <summary>The energy that the processor packages have taken, as the kernel's powercap counters tell it.</summary>
/// <remarks>They count what the whole machine computes, not this process alone. Many machines have none, or show them to root only.</remarks>
/// <param name="Folder">Where the counters are.</param>
internal sealed record EnergyCounters(string Folder = "/sys/class/powercap")
{
    private const double JoulesPerCount = 1e-6;

    /// <summary>The counters by package, in microjoules; null where the machine reports none.</summary>
    internal IReadOnlyDictionary<string, long>? Read()
    {
        try
        {
            // intel-rapl:0 is a package; intel-rapl:0:1 is a part of it.
            var packages = Directory.Exists(Folder) ? Directory.GetDirectories(Folder, "intel-rapl:*").Where(path => Path.GetFileName(path).Count(letter => letter == ':') == 1) : [];
            var values = packages.ToDictionary(path => path, path => Value(path, "energy_uj"));
            return values.Count > 0 ? values : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The joules from one reading to the next; a counter that has started again from zero meanwhile is taken to have done so once.</summary>
    /// <param name="before">The earlier reading.</param>
    /// <param name="after">The later reading.</param>
    internal static double Joules(IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after) => JoulesPerCount * after.Sum(package =>
    {
        var difference = package.Value - before.GetValueOrDefault(package.Key, package.Value);
        return difference >= 0 ? difference : difference + Value(package.Key, "max_energy_range_uj");
    });

    private static long Value(string path, string file) => long.Parse(File.ReadAllText(Path.Combine(path, file)), CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Runtime.InteropServices;

namespace Deutero.Cli.Diagnosis;

/// <summary>What the machine has: cores, memory, instructions, and the BLAS that libtorch found.</summary>
internal static class Machine
{
    private delegate nint CoreName();

    internal static Finding Cores()
    {
        var cores = Environment.ProcessorCount;
        var name = Read("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return Finding.Ok("cores", name is null ? $"{cores}" : $"{cores}, {name.Split(':', 2)[1].Trim()}");
    }

    internal static Finding Memory()
    {
        // Knows the limit of a container, which /proc/meminfo does not.
        var gibibytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30);
        var available = Read("/proc/meminfo").FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        var kibibytes = available?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var free = kibibytes is null ? gibibytes : Math.Min(gibibytes, double.Parse(kibibytes, CultureInfo.InvariantCulture) / (1 << 20));
        var found = $"{gibibytes:F1} GiB, {free:F1} GiB available";
        return free >= 1
            ? Finding.Ok("memory", found)
            : new("memory", FindingState.Warning, found, "close other programs, or use a smaller model.filters and training.metaBatch");
    }

    internal static Finding Instructions()
    {
        var line = Read("/proc/cpuinfo").FirstOrDefault(text => text.StartsWith("flags", StringComparison.Ordinal));
        var flags = line?.Split(':', 2)[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet() ?? [];
        (string Flag, string Name)[] wanted =
            [("avx2", "AVX2"), ("fma", "FMA"), ("avx512f", "AVX-512"), ("avx512_bf16", "AVX-512 bf16"), ("amx_tile", "AMX"), ("amx_bf16", "AMX bf16")];
        var found = string.Join(", ", wanted.Where(one => flags.Contains(one.Flag)).Select(one => one.Name));
        return flags.Contains("avx2") || flags.Count == 0
            ? Finding.Ok("instructions", found.Length > 0 ? found : "unknown on this system")
            : new("instructions", FindingState.Warning, found.Length > 0 ? found : "no AVX2", "none here: a processor with AVX2 is several times faster");
    }

    internal static Finding OpenMp()
    {
        string[] names = ["OMP_NUM_THREADS", "OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "MKL_NUM_THREADS", "GOMP_SPINCOUNT"];
        var set = names.Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name)))
            .Where(one => !string.IsNullOrEmpty(one.Value)).ToArray();
        var found = set.Length == 0 ? "nothing set; idle threads wait passively" : string.Join(", ", set.Select(one => $"{one.Name}={one.Value}"));
        return set.Any(one => one is { Name: "OMP_WAIT_POLICY", Value: { } policy } && policy.Equals("ACTIVE", StringComparison.OrdinalIgnoreCase))
            ? new("OpenMP settings", FindingState.Warning, found, "unset OMP_WAIT_POLICY: threads that spin slow down whatever shares the cores")
            : Finding.Ok("OpenMP settings", found);
    }

    /// <summary>Which BLAS does the matrix products; to be asked after the first one.</summary>
    internal static Finding Blas()
    {
        var blas = BlasOf(Read("/proc/self/maps"));
        return blas.Found.Contains("openblas", StringComparison.Ordinal) && Kernels() is { } kernels ? blas with { Found = $"{blas.Found}, kernels for {kernels}" } : blas;
    }

    // OpenBLAS has kernels for each kind of processor, and for those that it does not know the oldest.
    private static string? Kernels() =>
        NativeLibrary.TryLoad("libopenblas.so.0", out var library) && NativeLibrary.TryGetExport(library, "openblas_get_corename", out var name)
            ? Marshal.PtrToStringUTF8(Marshal.GetDelegateForFunctionPointer<CoreName>(name)())
            : null;

    /// <summary>Which BLAS a process has loaded.</summary>
    /// <param name="maps">The lines of its <c>/proc/self/maps</c>.</param>
    internal static Finding BlasOf(IEnumerable<string> maps)
    {
        string[] names = ["openblas", "mkl_", "blis", "atlas", "libblas"];
        var files = maps.Select(line => line.IndexOf('/') is >= 0 and var at ? line[at..] : "").Distinct()
            .Where(file => names.Any(name => file.Contains(name, StringComparison.OrdinalIgnoreCase))).ToArray();
        var fast = files.FirstOrDefault(file => names[..4].Any(name => file.Contains(name, StringComparison.OrdinalIgnoreCase)));
        const string Remedy = "apt-get install libopenblas0-openmp";
        return (fast, files) switch
        {
            ({ } found, _) when found.Contains("pthread", StringComparison.Ordinal) =>
                new("BLAS", FindingState.Warning, found, $"{Remedy}: the pthread variant starts threads of its own beside OpenMP's"),
            ({ } found, _) => Finding.Ok("BLAS", found),
            (null, [var reference, ..]) => new("BLAS", FindingState.Warning, $"{reference}, the slow reference implementation", Remedy),
            _ => Finding.Ok("BLAS", "inside libtorch"),
        };
    }

    private static string[] Read(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Deutero.Torch.Native;

/// <summary>Finds and loads <c>libdeutero_torch.so</c>, and prepares OpenMP and OpenBLAS before libtorch starts them.</summary>
internal static partial class NativeLibraryLoader
{
    internal const string Name = "deutero_torch";

    private const string FileName = "libdeutero_torch.so";

    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraryLoader).Assembly, Resolve);

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path)
    {
        if (library != Name)
        {
            return 0;
        }

        // libgomp reads these once, when it is loaded, from the C environment (which Environment.SetEnvironmentVariable does not reach).
        // Spinning idle threads cost up to 20x when another process wants the core; a passive wait costs next to nothing.
        setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
        ChooseProductKernels();
        KeepFreedMemory();
        var folder = Path.GetDirectoryName(assembly.Location) is { Length: > 0 } location ? location : AppContext.BaseDirectory;
        if (Environment.GetEnvironmentVariable("DEUTERO_NATIVE") is { Length: > 0 } chosen)
        {
            return File.Exists(chosen) ? Load(chosen) : throw new DllNotFoundException($"DEUTERO_NATIVE names {chosen}, but there is no such file.");
        }

        var candidates = new[]
        {
            Path.Combine(folder, FileName),
            Path.Combine(AppContext.BaseDirectory, FileName),
            Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", FileName),
        };
        foreach (var candidate in candidates)
        {
            if (File.Exists(candidate))
            {
                return Load(candidate);
            }
        }

        // An application that is published as one file has its native libraries where only the runtime knows.
        return NativeLibrary.TryLoad(library, assembly, path, out var handle)
            ? handle
            : throw new DllNotFoundException(
                $"{FileName} was not found next to Deutero.Torch.dll: build the solution with 'dotnet build', or set DEUTERO_NATIVE to its path.");
    }

    private static nint Load(string file)
    {
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (DllNotFoundException reason)
        {
            throw new DllNotFoundException(
                $"{file} could not be loaded, most likely because the libtorch that it was built against is missing: install it with " +
                "'apt-get install libtorch-dev libopenblas0-openmp' (Debian 12), or build native/ against your libtorch and set DEUTERO_NATIVE " +
                $"({reason.Message.Trim().Split('\n')[^1].Trim()}).",
                reason);
        }
    }

    // OpenBLAS takes its oldest kernels, several times slower, for a processor that is newer than itself. Loaded alone it says which it took; loaded again, with
    // libtorch, it takes those that it is told.
    private static unsafe void ChooseProductKernels()
    {
        const string Variable = "OPENBLAS_CORETYPE";
        var newest = Avx512F.VL.IsSupported && Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported && Avx512CD.VL.IsSupported ? "SkylakeX"
            : Avx2.IsSupported && Fma.IsSupported ? "Haswell"
            : null;
        if (newest is null || Environment.GetEnvironmentVariable(Variable) is not null || !NativeLibrary.TryLoad("libopenblas.so.0", out var library))
        {
            return;
        }

        var isOldest = NativeLibrary.TryGetExport(library, "openblas_get_corename", out var name)
            && Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)name)()) == "Prescott";
        NativeLibrary.Free(library);
        if (isOldest)
        {
            setenv(Variable, newest, 0);
        }
    }

    // A training step allocates and frees the same tens of megabytes again and again. By default glibc maps such blocks afresh each time, and
    // the page faults cost more than many kernels (a ProtoNet step took 1.6 times as long). DEUTERO_MALLOC=system leaves malloc as it is.
    // Threads keep arenas of their own: in a single one the blocks of parallel tasks lie between each other, and a peak was twice as high.
    private static void KeepFreedMemory()
    {
        const int TrimThreshold = -1;
        const int TopPad = -2;
        const int MmapMax = -4;
        if (Environment.GetEnvironmentVariable("DEUTERO_MALLOC") != "system")
        {
            _ = mallopt(MmapMax, 0);
            _ = mallopt(TrimThreshold, int.MaxValue);
            _ = mallopt(TopPad, 64 << 20);
        }
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}

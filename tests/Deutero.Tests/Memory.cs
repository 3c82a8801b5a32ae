using System.Globalization;
using System.Runtime.InteropServices;

namespace Deutero.Tests;

/// <summary>How much memory this process really occupies, native tensors included.</summary>
internal static class Memory
{
    internal static long ResidentMegabytes()
    {
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>What native code has allocated and not freed, which does not depend on what ran before: freed memory stays resident.</summary>
    internal static long AllocatedMegabytes()
    {
        var info = NativeAllocations();
        return (long)(info.InUse + info.Mapped) >> 20;
    }

    [DllImport("libc", EntryPoint = "mallinfo2")]
    private static extern AllocationInfo NativeAllocations();

    /// <summary>What is held by native code and by objects that are alive: unlike what is resident, it does not wait for the collector's next turn.</summary>
    internal static long HeldMegabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var alive = GC.GetTotalMemory(forceFullCollection: true);
        var info = NativeAllocations();
        return ((long)(info.InUse + info.Mapped) + alive) >> 20;
    }

    // The fields of glibc's struct mallinfo2 in its order: sizes in bytes.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct AllocationInfo
    {
        private readonly nuint _arena, _freeChunks, _freeFastChunks, _mappings;

        internal readonly nuint Mapped;

        private readonly nuint _unused, _freeFast;

        internal readonly nuint InUse;

        private readonly nuint _free, _releasable;
    }
}

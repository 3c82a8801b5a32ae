using Deutero.Torch.Native;

namespace Deutero.Torch;

/// <summary>How many threads one operator uses (intra-op parallelism).</summary>
public static class Threads
{
    /// <summary>The threads that operators called from this .NET thread use.</summary>
    public static int Current => NativeMethods.deutero_threads_get();

    /// <summary>Sets the number for this .NET thread and as the default of threads that have not called libtorch yet.</summary>
    /// <param name="count">At least 1.</param>
    /// <exception cref="TorchException">The number is below 1.</exception>
    public static void SetForProcess(int count) => NativeMethods.Check(NativeMethods.deutero_threads_set(count, process: 1), "threads");

    /// <summary>Sets the number for this .NET thread alone: with one task per thread, 1 keeps the cores from being oversubscribed.</summary>
    /// <param name="count">At least 1.</param>
    /// <exception cref="TorchException">The number is below 1.</exception>
    public static void SetForThisThread(int count) => NativeMethods.Check(NativeMethods.deutero_threads_set(count, process: 0), "threads");
}

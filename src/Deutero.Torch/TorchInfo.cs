using System.Runtime.InteropServices;
using Deutero.Torch.Native;

namespace Deutero.Torch;

/// <summary>What the loaded libtorch is and can do.</summary>
public static class TorchInfo
{
    /// <summary>The version, for example <c>1.13.1</c>.</summary>
    public static string Version => Marshal.PtrToStringUTF8(NativeMethods.deutero_torch_version())!;

    /// <summary>libtorch's own description of its build: compiler, BLAS, oneDNN, OpenMP, threads.</summary>
    public static string Configuration => Marshal.PtrToStringUTF8(NativeMethods.deutero_torch_configuration())!;

    /// <summary>The number of usable CUDA devices; 0 for a CPU build.</summary>
    public static int CudaDevices => NativeMethods.deutero_cuda_devices();

    /// <summary>Waits until all CUDA work has finished, for honest timing. Does nothing without CUDA.</summary>
    public static void Synchronize()
    {
        if (CudaDevices > 0)
        {
            NativeMethods.Check(NativeMethods.deutero_cuda_synchronize(), "synchronize");
        }
    }
}

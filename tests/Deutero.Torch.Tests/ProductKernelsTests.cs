using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Deutero.Torch.Tests;

public sealed class ProductKernelsTests
{
    // OpenBLAS's Prescott kernels are for processors of 2004 and, where nothing is done about it, for those that are newer than itself.
    [Fact]
    public void A_processor_with_wide_vectors_is_not_given_the_oldest_kernels()
    {
        using var loaded = Tensor.Zeros([1]);
        if (!NativeLibrary.TryLoad("libopenblas.so.0", out var library) || !Avx2.IsSupported || !Fma.IsSupported || Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") is not null)
        {
            Assert.Skip("OpenBLAS is not there, or was told which kernels to take, or the processor has no AVX2.");
        }

        var name = Marshal.PtrToStringUTF8(Marshal.GetDelegateForFunctionPointer<CoreName>(NativeLibrary.GetExport(library, "openblas_get_corename"))());
        Assert.False(string.IsNullOrEmpty(name));
        Assert.NotEqual("Prescott", name);
    }

    private delegate nint CoreName();
}

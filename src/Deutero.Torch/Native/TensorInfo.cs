using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Deutero.Torch.Native;

/// <summary>What libtorch says of one tensor; the layout of <c>TensorInfo</c> in the shim.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TensorInfo
{
    internal long DType;
    internal long Device;
    internal long DeviceIndex;
    internal long RequiresGrad;
    internal long Rank;
    internal SizeArray Sizes;

    [InlineArray(16)]
    internal struct SizeArray
    {
        private long _element;
    }
}

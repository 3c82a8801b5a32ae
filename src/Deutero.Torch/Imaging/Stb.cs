using System.Runtime.InteropServices;

namespace Deutero.Torch.Imaging;

/// <summary>The C ABI of libstb (Debian's build of the stb single-file libraries).</summary>
internal static partial class Stb
{
    internal const int NoAlphaChannel = -1;
    internal const int ClampAtEdges = 1;
    private const string Library = "libstb.so.0";

    [LibraryImport(Library, EntryPoint = "stbi_load_from_memory")]
    internal static partial nint Load(
        ReadOnlySpan<byte> file, int length, out int width, out int height, out int channelsInFile, int channels);

    [LibraryImport(Library, EntryPoint = "stbi_failure_reason")]
    internal static partial nint FailureReason();

    [LibraryImport(Library, EntryPoint = "stbi_image_free")]
    internal static partial void Free(nint memory);

    [LibraryImport(Library, EntryPoint = "stbi_write_png_to_mem")]
    internal static partial nint EncodePng(
        ReadOnlySpan<byte> pixels, int strideBytes, int width, int height, int channels, out int length);

    [LibraryImport(Library, EntryPoint = "stbir_resize_uint8_generic")]
    internal static partial int Resize(
        ReadOnlySpan<byte> input, int inputWidth, int inputHeight, int inputStrideBytes,
        Span<byte> output, int outputWidth, int outputHeight, int outputStrideBytes,
        int channels, int alphaChannel, int flags, int edgeMode, int filter, int colourSpace, nint allocationContext);

    /// <summary>Runs a native call and says how to install the library where it is missing.</summary>
    internal static T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new DllNotFoundException(
                $"Images are read and written by {Library}, which is not on this machine: install it with `apt-get "
                + $"install libstb0`.", missing);
        }
    }
}

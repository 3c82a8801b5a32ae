using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Deutero.Torch.Native;

/// <summary>The kind of one boxed argument or result; the same numbers as <c>enum Tag</c> in the shim.</summary>
internal enum NativeTag : long
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    IntList = 5,
    TensorList = 6,
    OptionalTensorList = 7,
    String = 8,
    Generator = 9,
    DoubleList = 10,
    Default = 11,
    Device = 12,
}

/// <summary>One boxed argument or result: a tag, and a number or the address of <c>Length</c> elements.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct NativeValue(NativeTag tag, long bits, long length = 0)
{
    internal readonly NativeTag Tag = tag;
    internal readonly long Bits = bits;
    internal readonly long Length = length;

    internal static NativeValue Default => new(NativeTag.Default, 0);

    internal static NativeValue None => new(NativeTag.None, 0);

    internal static NativeValue Of(Tensor? tensor) => tensor is null ? None : new(NativeTag.Tensor, tensor.Pointer);

    internal static NativeValue Of(long value) => new(NativeTag.Int, value);

    internal static NativeValue Of(double value) => new(NativeTag.Double, BitConverter.DoubleToInt64Bits(value));

    internal static NativeValue Of(bool value) => new(NativeTag.Bool, value ? 1 : 0);

    internal static NativeValue Of(Scalar value) => value.ToNative();

    internal static NativeValue Of(DType value) => new(NativeTag.Int, (long)value);

    internal static NativeValue Of(Generator? value) => value is null ? None : new(NativeTag.Generator, value.TorchPointer);

    internal static NativeValue Of(long? value, bool hasDefault) => value is { } given ? Of(given) : Missing(hasDefault);

    internal static NativeValue Of(double? value, bool hasDefault) => value is { } given ? Of(given) : Missing(hasDefault);

    internal static NativeValue Of(bool? value, bool hasDefault) => value is { } given ? Of(given) : Missing(hasDefault);

    internal static NativeValue Of(Scalar? value, bool hasDefault) => value is { } given ? Of(given) : Missing(hasDefault);

    internal static NativeValue Of(DType? value, bool hasDefault) => value is { } given ? Of(given) : Missing(hasDefault);

    internal static NativeValue OfList(long* data, int length, NativeTag empty) =>
        length == 0 ? new(empty, 0) : new(NativeTag.IntList, (nint)data, length);

    internal static NativeValue OfList(double* data, int length, NativeTag empty) =>
        length == 0 ? new(empty, 0) : new(NativeTag.DoubleList, (nint)data, length);

    internal static NativeValue OfTensors(nint* handles, int length) => new(NativeTag.TensorList, (nint)handles, length);

    internal static NativeValue OfOptionalTensors(nint* handles, int length) => new(NativeTag.OptionalTensorList, (nint)handles, length);

    internal static NativeValue OfText(byte* data, byte[]? text, NativeTag tag, bool hasDefault) =>
        text is null ? Missing(hasDefault) : new(tag, (nint)data, text.Length);

    internal static byte[]? Text(string? value) => value is null ? null : Encoding.UTF8.GetBytes(value);

    internal static byte[]? Text(Device? value) => value is { } device ? Encoding.UTF8.GetBytes(device.ToString()) : null;

    internal static void CopyHandles(ReadOnlySpan<Tensor?> tensors, nint* handles)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            handles[i] = tensors[i]?.Pointer ?? 0;
        }
    }

    /// <summary>Keeps the tensors of a span alive until the native call that borrowed their pointers has returned.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void KeepAlive(ReadOnlySpan<Tensor?> tensors) => _ = tensors.Length;

    private static NativeValue Missing(bool hasDefault) => hasDefault ? Default : None;
}

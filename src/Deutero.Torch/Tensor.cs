using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Deutero.Torch.Native;

namespace Deutero.Torch;

/// <summary>An immutable array of numbers on a device: a handle to a libtorch tensor.</summary>
/// <remarks>
/// <para>Operators are generated from <c>native/ops.txt</c> and documented by their ATen schema. No public operator changes its operand.</para>
/// <para>
/// A tensor belongs to the innermost <see cref="TensorScope"/> of its thread and is freed with it; without a scope it is freed by
/// <see cref="SafeHandle.Dispose()"/> or by the finaliser. Freeing a handle never breaks a graph: libtorch counts its own references.
/// Reading a tensor from many threads is safe; disposing it while another thread uses it is not.
/// </para>
/// </remarks>
public sealed partial class Tensor : SafeHandle, ITensors<Tensor>
{
    private TensorInfo _info;
    private bool _known;

    internal Tensor(nint handle)
        : base(0, ownsHandle: true)
    {
        if (handle == 0)
        {
            throw new TorchException("tensor", "libtorch returned an undefined tensor");
        }

        SetHandle(handle);
        TensorScope.Register(this);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The sizes of the axes, for example <c>[N, C, H, W]</c>; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape => Sizes.ToArray();

    /// <summary>The number of axes.</summary>
    public int Rank => (int)Info.Rank;

    /// <summary>The number of elements.</summary>
    public long Count
    {
        get
        {
            var count = 1L;
            foreach (var size in Sizes)
            {
                count *= size;
            }

            return count;
        }
    }

    /// <summary>The element type.</summary>
    public DType DType => (DType)Info.DType;

    /// <summary>Where the elements live.</summary>
    public Device Device => Info.Device == 0 ? Device.Cpu : Device.Cuda((int)Math.Max(0, Info.DeviceIndex));

    /// <summary>Whether operations on this tensor are recorded for differentiation.</summary>
    public bool RequiresGrad
    {
        get
        {
            NativeMethods.Check(NativeMethods.deutero_tensor_info(Pointer, out var info), nameof(RequiresGrad));
            GC.KeepAlive(this);
            return info.RequiresGrad != 0;
        }
    }

    /// <inheritdoc/>
    IReadOnlyList<Tensor> ITensors<Tensor>.Leaves => [this];

    internal nint Pointer => IsClosed ? throw new ObjectDisposedException(nameof(Tensor), "This tensor was freed with its scope; keep it with TensorScope.Keep.") : handle;

    internal ReadOnlySpan<long> Sizes => MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<TensorInfo.SizeArray, long>(ref InfoReference.Sizes), (int)Info.Rank);

    private TensorInfo Info => InfoReference;

    private ref TensorInfo InfoReference
    {
        get
        {
            // Asked into a local: a field that is given as an out argument is empty until the call returns, also for threads that know it already.
            if (!Volatile.Read(ref _known))
            {
                NativeMethods.Check(NativeMethods.deutero_tensor_info(Pointer, out var info), "shape");
                _info = info;
                Volatile.Write(ref _known, true);
                GC.KeepAlive(this);
            }

            return ref _info;
        }
    }

    /// <summary>The size of one axis.</summary>
    /// <param name="axis">The axis; negative numbers count from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has no such axis.</exception>
    public long Size(int axis)
    {
        var index = axis < 0 ? axis + Rank : axis;
        return index >= 0 && index < Rank
            ? Sizes[index]
            : throw new ArgumentOutOfRangeException(nameof(axis), axis, $"The tensor has shape {ShapeText}.");
    }

    /// <summary>Copies values into a new tensor on the processor.</summary>
    /// <typeparam name="T">The element type: float, double, long, int, short, byte, sbyte, bool or Half.</typeparam>
    /// <param name="values">The elements, the last axis fastest.</param>
    /// <param name="shape">The sizes of the axes; empty means one axis with all the values.</param>
    /// <exception cref="ArgumentException">The number of values is not the product of the shape.</exception>
    public static unsafe Tensor From<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ReadOnlySpan<long> sizes = shape.Length == 0 ? [values.Length] : shape;
        RequireCount(values.Length, sizes);
        fixed (T* data = values)
        fixed (long* sizesPointer = sizes)
        {
            NativeMethods.Check(
                NativeMethods.deutero_tensor_from_host(data, sizesPointer, sizes.Length, (long)DTypes.Of<T>(), out var result), "from host");
            return new(result);
        }
    }

    /// <inheritdoc cref="From{T}(ReadOnlySpan{T}, ReadOnlySpan{long})"/>
    public static Tensor From<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged =>
        From((ReadOnlySpan<T>)values, shape);

    /// <summary>A scalar tensor, shape <c>[]</c>.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="dtype">Its element type.</param>
    public static Tensor Of(double value, DType dtype = DType.Float32) => Full([], value, dtype);

    /// <summary>Makes a tensor over an array without copying: the tensor sees later changes of the array, which stays pinned while libtorch uses it.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="values">The elements, the last axis fastest.</param>
    /// <param name="shape">The sizes of the axes; empty means one axis with all the values.</param>
    /// <exception cref="ArgumentException">The number of values is not the product of the shape.</exception>
    public static unsafe Tensor Share<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ReadOnlySpan<long> sizes = shape.Length == 0 ? [values.Length] : shape;
        RequireCount(values.Length, sizes);
        var pin = GCHandle.Alloc(values, GCHandleType.Pinned);
        fixed (long* sizesPointer = sizes)
        {
            var status = NativeMethods.deutero_tensor_from_shared(
                (void*)pin.AddrOfPinnedObject(), sizesPointer, sizes.Length, (long)DTypes.Of<T>(), &Unpin, GCHandle.ToIntPtr(pin), out var result);
            if (status != 0)
            {
                pin.Free();
                NativeMethods.Check(status, "share");
            }

            return new(result);
        }
    }

    /// <summary>Copies the elements to host memory, the last axis fastest.</summary>
    /// <typeparam name="T">The element type, which must be the tensor's own.</typeparam>
    /// <exception cref="ArgumentException">The tensor holds another element type.</exception>
    /// <exception cref="TorchException">The tensor is being transformed by VMap, Grad or Jvp and has no single value.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        var values = GC.AllocateUninitializedArray<T>(checked((int)Count));
        CopyTo<T>(values);
        return values;
    }

    /// <summary>Copies the elements into host memory, the last axis fastest.</summary>
    /// <typeparam name="T">The element type, which must be the tensor's own.</typeparam>
    /// <param name="destination">Exactly <see cref="Count"/> elements.</param>
    /// <exception cref="ArgumentException">The tensor holds another element type, or the destination has another length.</exception>
    public unsafe void CopyTo<T>(Span<T> destination)
        where T : unmanaged
    {
        if (DTypes.Of<T>() != DType)
        {
            throw new ArgumentException($"The tensor holds {DType} but {DTypes.Of<T>()} was asked for; convert it with To(DType.{DTypes.Of<T>()}).");
        }

        RequireCount(destination.Length, Sizes);
        fixed (T* data = destination)
        {
            NativeMethods.Check(NativeMethods.deutero_tensor_to_host(Pointer, data, (long)destination.Length * sizeof(T)), "to host");
        }

        GC.KeepAlive(this);
    }

    /// <summary>The bytes of all elements, the last axis fastest, little-endian.</summary>
    public unsafe byte[] ToBytes()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)(Count * DType.Size())));
        fixed (byte* data = bytes)
        {
            NativeMethods.Check(NativeMethods.deutero_tensor_to_host(Pointer, data, bytes.Length), "to host");
        }

        GC.KeepAlive(this);
        return bytes;
    }

    /// <summary>Makes a tensor of raw little-endian bytes.</summary>
    /// <param name="bytes">The elements, the last axis fastest.</param>
    /// <param name="dtype">Their type.</param>
    /// <param name="shape">The sizes of the axes.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape and the type.</exception>
    public static unsafe Tensor FromBytes(ReadOnlySpan<byte> bytes, DType dtype, params ReadOnlySpan<long> shape)
    {
        if (bytes.Length % dtype.Size() != 0)
        {
            throw new ArgumentException($"{bytes.Length} bytes are not a whole number of {dtype} elements.");
        }

        RequireCount(bytes.Length / dtype.Size(), shape);
        fixed (byte* data = bytes)
        fixed (long* sizes = shape)
        {
            NativeMethods.Check(NativeMethods.deutero_tensor_from_host(data, sizes, shape.Length, (long)dtype, out var result), "from bytes");
            return new(result);
        }
    }

    /// <summary>The elements in place, without a copy, where the tensor is contiguous on the processor; they must not be used after the tensor is freed.</summary>
    /// <typeparam name="T">The element type, which must be the tensor's own.</typeparam>
    /// <param name="elements">The elements, the last axis fastest.</param>
    /// <returns>False where only a copy is possible: another device, a strided view, or a tensor inside a transform.</returns>
    public unsafe bool TryRead<T>(out ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        NativeMethods.Check(NativeMethods.deutero_tensor_data(Pointer, out var data), "data");
        var readable = data is not null && DTypes.Of<T>() == DType;
        elements = readable ? new ReadOnlySpan<T>(data, checked((int)Count)) : default;
        return readable;
    }

    /// <summary>The value of a tensor with one element.</summary>
    /// <exception cref="ArgumentException">The tensor has more or fewer elements.</exception>
    public double ToDouble()
    {
        if (Count != 1)
        {
            throw new ArgumentException($"A single value was asked for but the tensor has shape {ShapeText}.");
        }

        return DType switch
        {
            DType.Float32 => ToArray<float>()[0],
            DType.Float64 => ToArray<double>()[0],
            DType.Int64 => ToArray<long>()[0],
            _ => ConvertToDouble(),
        };
    }

    /// <summary>This tensor converted to another element type, or itself where it has that type already.</summary>
    /// <param name="dtype">The element type.</param>
    public Tensor To(DType dtype) => DType == dtype ? this : To(dtype, nonBlocking: false);

    /// <summary>This tensor on another device, or itself where it is there already.</summary>
    /// <param name="device">The device.</param>
    public Tensor To(Device device) => Device == device ? this : To(device, DType);

    /// <summary>Whether two tensors have the same shape, element type and bits.</summary>
    /// <param name="other">The tensor to compare with.</param>
    public bool BitEquals(Tensor other) =>
        DType == other.DType && Sizes.SequenceEqual(other.Sizes) && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override string ToString() => IsClosed ? "Tensor (freed)" : $"Tensor {ShapeText} {DType}{(Device == Device.Cpu ? "" : " " + Device)}";

    /// <inheritdoc/>
    Tensor ITensors<Tensor>.WithLeaves(IReadOnlyList<Tensor> leaves) => leaves[0];

    internal string ShapeText => "[" + string.Join(", ", Sizes.ToArray()) + "]";

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMethods.deutero_tensor_free(handle);
        return true;
    }

    private double ConvertToDouble()
    {
        using var converted = To(DType.Float64, nonBlocking: false);
        return converted.ToArray<double>()[0];
    }

    private static void RequireCount(long values, ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            if (size < 0)
            {
                throw new ArgumentException($"The shape [{string.Join(", ", shape.ToArray())}] has a negative size.");
            }

            count = checked(count * size);
        }

        if (count != values)
        {
            throw new ArgumentException($"{values} values do not fill the shape [{string.Join(", ", shape.ToArray())}], which holds {count}.");
        }
    }

    [UnmanagedCallersOnly]
    private static void Unpin(nint context) => GCHandle.FromIntPtr(context).Free();
}

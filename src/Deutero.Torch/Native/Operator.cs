using System.Text;

namespace Deutero.Torch.Native;

/// <summary>One operator of libtorch's dispatcher, looked up by name at its first call and called boxed.</summary>
internal sealed unsafe class Operator(string name, string overload)
{
    private nint _handle;

    /// <summary>Whether the loaded libtorch has this operator.</summary>
    internal bool Exists
    {
        get
        {
            if (_handle == 0 && NativeMethods.deutero_operator(name, overload, out var found) == 0)
            {
                _handle = found;
            }

            return _handle != 0;
        }
    }

    internal Tensor CallOne(NativeValue* arguments, int count) => new((nint)Call(arguments, count, 1)[0].Bits);

    internal (Tensor First, Tensor Second) CallTwo(NativeValue* arguments, int count)
    {
        var results = Call(arguments, count, 2);
        var (first, second) = (results[0].Bits, results[1].Bits);
        return (new((nint)first), new((nint)second));
    }

    internal (Tensor First, Tensor Second, Tensor Third) CallThree(NativeValue* arguments, int count)
    {
        var results = Call(arguments, count, 3);
        var (first, second, third) = (results[0].Bits, results[1].Bits, results[2].Bits);
        return (new((nint)first), new((nint)second), new((nint)third));
    }

    internal Tensor[] CallList(NativeValue* arguments, int count)
    {
        var results = Invoke(arguments, count, out var resultCount);
        var tensors = new Tensor[resultCount];
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = new((nint)results[i].Bits);
        }

        return tensors;
    }

    internal bool CallBool(NativeValue* arguments, int count) => Call(arguments, count, 1)[0].Bits != 0;

    internal long CallInt(NativeValue* arguments, int count) => Call(arguments, count, 1)[0].Bits;

    internal double CallDouble(NativeValue* arguments, int count) => BitConverter.Int64BitsToDouble(Call(arguments, count, 1)[0].Bits);

    private NativeValue* Call(NativeValue* arguments, int count, int expected)
    {
        var results = Invoke(arguments, count, out var resultCount);
        return resultCount == expected
            ? results
            : throw new TorchException(name, $"returned {resultCount} results where {expected} were expected");
    }

    private NativeValue* Invoke(NativeValue* arguments, int count, out long resultCount)
    {
        // Found into a local: a field that is given as an out argument is 0 until the call returns, also for the threads that have passed this check.
        var handle = _handle;
        if (handle == 0)
        {
            NativeMethods.Check(NativeMethods.deutero_operator(name, overload, out handle), name);
            _handle = handle;
        }

        if (NativeMethods.deutero_call(handle, arguments, count, out var results, out resultCount) != 0)
        {
            var error = NativeMethods.LastError(); // before Describe asks libtorch for shapes, which may overwrite it
            throw new TorchException(Describe(arguments, count), error);
        }

        return results;
    }

    // "aten::mm([2, 3] Float32, [4, 5] Float32)": computed only when the call has failed.
    private string Describe(NativeValue* arguments, int count)
    {
        var text = new StringBuilder(name).Append('(');
        for (var i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(Describe(arguments[i]));
        }

        return text.Append(')').ToString();
    }

    private static string Describe(NativeValue value)
    {
        switch (value.Tag)
        {
            case NativeTag.Tensor:
                return DescribeTensor((nint)value.Bits);
            case NativeTag.TensorList or NativeTag.OptionalTensorList:
                var handles = new nint[value.Length];
                new ReadOnlySpan<nint>((void*)value.Bits, handles.Length).CopyTo(handles);
                return "{" + string.Join(", ", handles.Select(DescribeTensor)) + "}";
            case NativeTag.IntList:
                return "[" + string.Join(", ", new ReadOnlySpan<long>((void*)value.Bits, (int)value.Length).ToArray()) + "]";
            case NativeTag.Double:
                return BitConverter.Int64BitsToDouble(value.Bits).ToString("R");
            case NativeTag.Int:
                return value.Bits.ToString();
            case NativeTag.Bool:
                return value.Bits != 0 ? "true" : "false";
            default:
                return value.Tag.ToString().ToLowerInvariant();
        }
    }

    private static string DescribeTensor(nint handle) =>
        handle == 0 ? "none"
        : NativeMethods.deutero_tensor_info(handle, out var info) != 0 ? "tensor"
        : $"[{string.Join(", ", ((ReadOnlySpan<long>)info.Sizes)[..(int)info.Rank].ToArray())}] {(DType)info.DType}";
}

namespace Deutero.Torch;

/// <summary>libtorch refused an operation. The message names the operation, the shapes of its arguments and libtorch's reason.</summary>
public sealed class TorchException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="operation">The operation with its arguments, for example <c>aten::mm([2, 3] Float32, [4, 5] Float32)</c>.</param>
    /// <param name="reason">What libtorch said.</param>
    public TorchException(string operation, string reason)
        : base($"{operation}: {reason.Trim()}") =>
        Operation = operation;

    /// <summary>The operation with the shapes of its arguments.</summary>
    public string Operation { get; }
}

using Deutero.Torch.Native;

namespace Deutero.Torch;

/// <summary>A number that an operator takes beside tensors: an integer keeps the tensor's dtype, a fraction makes it floating-point.</summary>
public readonly struct Scalar
{
    private readonly long _bits;
    private readonly bool _fraction;

    private Scalar(long bits, bool fraction)
    {
        _bits = bits;
        _fraction = fraction;
    }

    /// <summary>An integer.</summary>
    /// <param name="value">Its value.</param>
    public static implicit operator Scalar(long value) => new(value, fraction: false);

    /// <summary>An integer.</summary>
    /// <param name="value">Its value.</param>
    public static implicit operator Scalar(int value) => new(value, fraction: false);

    /// <summary>A floating-point number.</summary>
    /// <param name="value">Its value.</param>
    public static implicit operator Scalar(double value) => new(BitConverter.DoubleToInt64Bits(value), fraction: true);

    internal NativeValue ToNative() => new(_fraction ? NativeTag.Double : NativeTag.Int, _bits);
}

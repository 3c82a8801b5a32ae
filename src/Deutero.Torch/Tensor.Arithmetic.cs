namespace Deutero.Torch;

/// <summary>Arithmetic signs: each is the ATen operator of the same name, with broadcasting.</summary>
public sealed partial class Tensor
{
    /// <summary>Element-wise sum.</summary>
    /// <param name="left">Any shape that broadcasts.</param>
    /// <param name="right">Any shape that broadcasts.</param>
    public static Tensor operator +(Tensor left, Tensor right) => left.Add(right);

    /// <summary>Element-wise sum with a number.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">The number.</param>
    public static Tensor operator +(Tensor left, double right) => left.Add((Scalar)right);

    /// <summary>Element-wise sum with a number.</summary>
    /// <param name="left">The number.</param>
    /// <param name="right">Any shape.</param>
    public static Tensor operator +(double left, Tensor right) => right.Add((Scalar)left);

    /// <summary>Element-wise difference.</summary>
    /// <param name="left">Any shape that broadcasts.</param>
    /// <param name="right">Any shape that broadcasts.</param>
    public static Tensor operator -(Tensor left, Tensor right) => left.Sub(right);

    /// <summary>Element-wise difference with a number.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">The number.</param>
    public static Tensor operator -(Tensor left, double right) => left.Sub((Scalar)right);

    /// <summary>Element-wise difference from a number.</summary>
    /// <param name="left">The number.</param>
    /// <param name="right">Any shape.</param>
    public static Tensor operator -(double left, Tensor right) => right.Rsub(left);

    /// <summary>Element-wise negation.</summary>
    /// <param name="value">Any shape.</param>
    public static Tensor operator -(Tensor value) => value.Neg();

    /// <summary>Element-wise product.</summary>
    /// <param name="left">Any shape that broadcasts.</param>
    /// <param name="right">Any shape that broadcasts.</param>
    public static Tensor operator *(Tensor left, Tensor right) => left.Mul(right);

    /// <summary>Element-wise product with a number.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">The number.</param>
    public static Tensor operator *(Tensor left, double right) => left.Mul((Scalar)right);

    /// <summary>Element-wise product with a number.</summary>
    /// <param name="left">The number.</param>
    /// <param name="right">Any shape.</param>
    public static Tensor operator *(double left, Tensor right) => right.Mul((Scalar)left);

    /// <summary>Element-wise quotient.</summary>
    /// <param name="left">Any shape that broadcasts.</param>
    /// <param name="right">Any shape that broadcasts.</param>
    public static Tensor operator /(Tensor left, Tensor right) => left.Div(right);

    /// <summary>Element-wise quotient by a number.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">The number.</param>
    public static Tensor operator /(Tensor left, double right) => left.Div((Scalar)right);

    /// <summary>Element-wise quotient of a number.</summary>
    /// <param name="left">The number.</param>
    /// <param name="right">Any shape.</param>
    public static Tensor operator /(double left, Tensor right) => right.Reciprocal().Mul((Scalar)left);

    /// <summary>One entry of the first axis, which disappears: <c>x[i]</c> has one axis less than <c>x</c>.</summary>
    /// <param name="index">The entry; negative numbers count from the end.</param>
    public Tensor this[long index] => Select(0, index);

    /// <summary>A range of the first axis: <c>x[2..5]</c>.</summary>
    /// <param name="range">The entries.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the axis.</exception>
    public Tensor this[Range range]
    {
        get
        {
            var (offset, length) = range.GetOffsetAndLength(checked((int)Size(0)));
            return Narrow(0, offset, length);
        }
    }
}

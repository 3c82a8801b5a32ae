using Deutero.Testing;
using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class GradientCheckTests
{
    [Fact]
    public void A_right_gradient_is_confirmed_to_nine_digits()
    {
        var result = GradientCheck.First(x => x.Pow(3).Sum(), Vector(1, -2, 0.5));

        Assert.Equal([3, 12, 0.75], result.Analytic);
        Assert.InRange(result.RelativeError, 0, 1e-9);
        Assert.InRange(result.AbsoluteError, 0, 1e-8);
        Assert.True(result.Within(1e-9));
    }

    [Fact]
    public void A_gradient_that_misses_a_path_has_the_error_that_it_must_have()
    {
        // The true gradient of x² is 2x; with one factor detached, automatic differentiation says x.
        var result = GradientCheck.First(x => (x.Detach() * x).Sum(), Vector(3, 4));

        Assert.Equal(0.5, result.RelativeError, 1e-6);
        Assert.Equal(4, result.AbsoluteError, 1e-6);
        Assert.False(result.Within(1e-3));
        Assert.Contains("relative error 0.5", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_Hessian_of_a_quadratic_form_is_its_matrix_twice()
    {
        var matrix = Matrix(2, 2, 1, 1, 3);

        var result = GradientCheck.Second(x => x.Dot(matrix.Mv(x)), Vector(0.3, -0.7));

        Assert.Equal([4, 2, 2, 6], result.Analytic);
        Assert.True(result.Within(1e-8), result.ToString());
    }

    [Fact]
    public void A_second_derivative_that_misses_a_path_is_found()
    {
        var result = GradientCheck.Second(x => (x.Sin().Detach() * x.Cos()).Sum() + x.Square().Sum(), Vector(0.4, 1.1));

        Assert.False(result.Within(1e-2));
    }

    [Fact]
    public void Parameters_are_checked_along_a_direction()
    {
        Parameters at = [new("w", Normal(1, 2, 3)), new("b", Normal(2, 2))];
        Parameters direction = [new("w", Normal(3, 2, 3)), new("b", Normal(4, 2))];

        var result = GradientCheck.Second(p => (p["w"].Sum([1]) * p["b"].Exp()).Tanh().Sum(), at, direction);

        Assert.Equal(8, result.Analytic.Count);
        Assert.True(result.Within(1e-8), result.ToString());
    }

    [Fact]
    public void Float32_is_refused_in_one_sentence()
    {
        var error = Assert.Throws<ArgumentException>(() => GradientCheck.First(x => x.Sum(), Tensor.Of(1)));

        Assert.Equal("A gradient check needs Float64 but found a tensor of Float32; convert it with To(DType.Float64).", error.Message);
        Assert.Throws<ArgumentException>(() => GradientCheck.Second(x => x.Sum(), Tensor.Of(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.First(x => x.Sum(), Scalar(1), step: 0));
    }

    [Fact]
    public void A_derivative_that_is_not_a_number_is_never_within_a_tolerance()
    {
        var result = GradientCheck.First(x => x.Sqrt().Sum(), Vector(-1, 4));

        Assert.True(double.IsNaN(result.RelativeError));
        Assert.False(result.Within(double.MaxValue));
    }
}

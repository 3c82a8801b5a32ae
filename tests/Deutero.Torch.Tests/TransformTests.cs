using Deutero.Testing;
using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class TransformTests
{
    // Squared error of a linear model, halved; one support and one query example; inner rate 0.25.
    private static readonly double[] s_theta = [1, -1, 2];

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var outer in new[] { "Grad", "Jvp", "Vjp" })
            {
                foreach (var inner in new[] { "Grad", "Jvp", "Vjp" })
                {
                    pairs.Add(outer, inner);
                }
            }

            return pairs;
        }
    }

    [Fact]
    public void Grad_gives_the_gradient_over_a_tensor_and_over_parameters()
    {
        Close([Math.Cos(1), Math.Cos(2)], Transforms.Grad(x => x.Sin().Sum(), Vector(1, 2)));
        Parameters at = [new("w", Vector(1, 2)), new("b", Scalar(3))];

        var gradient = Transforms.Grad(p => (p["w"] * p["b"]).Sum(), at);

        Close([3, 3], gradient["w"]);
        Close([3], gradient["b"]);
        Assert.False(gradient["w"].RequiresGrad);
    }

    [Fact]
    public void ValueAndGrad_gives_the_value_and_what_came_beside_it()
    {
        var (value, aux, gradient) = Transforms.ValueAndGrad(x => (x.Square().Sum(), x * 10), Vector(1, 2));

        Close([5], value);
        Close([10, 20], aux);
        Close([2, 4], gradient);
        Assert.False(value.RequiresGrad || aux.RequiresGrad);
        Close([5], Transforms.ValueAndGrad(x => x.Square().Sum(), Vector(1, 2)).Value);
    }

    [Fact]
    public void An_input_that_the_function_ignores_has_zeros()
    {
        Parameters at = [new("used", Vector(1, 2)), new("unused", Vector(3))];

        Close([0], Transforms.Grad(p => p["used"].Sum(), at)["unused"]);
        Close([0, 0], Transforms.VMap(x => Transforms.Grad(p => p["used"].Sum(), Parameters.Create([new("used", x), new("unused", x.Sum())])), Matrix(2, 1, 2))["unused"]);
    }

    [Fact]
    public void Vjp_pulls_back_and_Jvp_pushes_forward_the_same_matrix()
    {
        var matrix = Matrix(2, 1, 2, 3, 4, 5, 6);

        var (value, pullback) = Transforms.Vjp<Tensor, Tensor>(x => matrix.Mv(x.Square()), Vector(1, 2, 3), Vector(1, -1));
        var (again, tangent) = Transforms.Jvp<Tensor, Tensor>(x => matrix.Mv(x.Square()), Vector(1, 2, 3), Vector(1, 0, -1));

        Close([36, 78], value);
        Close([-6, -12, -18], pullback);
        Close(value, again);
        Close([2 - 18, 8 - 36], tangent);
    }

    [Fact]
    public void Vjp_and_Jvp_work_over_parameters_in_and_out()
    {
        Parameters at = [new("a", Vector(1, 2)), new("b", Scalar(3))];
        Parameters tangent = [new("a", Vector(0, 1)), new("b", Scalar(10))];

        var pushed = Transforms.Jvp(p => p * p, at, tangent);
        var pulled = Transforms.Vjp(p => p * p, at, tangent);

        Close([0, 4], pushed.Tangent["a"]);
        Close([60], pushed.Tangent["b"]);
        Close(pushed.Tangent, pulled.Pullback);
        Close([1, 4], pushed.Value["a"]);
    }

    [Fact]
    public void Jvp_of_what_does_not_depend_on_the_input_is_zero()
    {
        var (value, tangent) = Transforms.Jvp(_ => Vector(7, 8), Scalar(1), Scalar(1));

        Close([7, 8], value);
        Close([0, 0], tangent);
        Close([0, 0], Transforms.VMap(x => Transforms.Jvp(_ => Scalar(7), x, x).Tangent, Vector(1, 2)));
    }

    [Fact]
    public void Hvp_multiplies_with_the_Hessian()
    {
        var matrix = Matrix(2, 2, 1, 1, 3);

        Close([6, 8], Transforms.Hvp(x => x.Dot(matrix.Mv(x)), Vector(5, 6), Vector(1, 1)));
        Close([8, 14], Transforms.Hvp(x => x.Dot(matrix.Mv(x)), Vector(5, 6), Vector(1, 2)));
    }

    [Fact]
    public void Three_ways_to_a_Hessian_vector_product_agree_on_a_small_network()
    {
        Parameters at = [new("w1", Normal(1, 3, 4)), new("b1", Normal(2, 4)), new("w2", Normal(3, 4))];
        Parameters direction = at.Map(leaf => leaf.Cos());
        var inputs = Normal(4, 5, 3);
        Tensor Loss(Parameters p) => (inputs.Mm(p["w1"]) + p["b1"]).Tanh().Mv(p["w2"]).Square().Mean();

        var product = Transforms.Hvp(Loss, at, direction);

        Close(product, Transforms.Jvp(p => Transforms.Grad(Loss, p), at, direction).Tangent, 1e-12);
        Close(product, Transforms.Grad(p => Transforms.Jvp(Loss, p, direction).Tangent, at), 1e-12);
        Assert.True(GradientCheck.Second(Loss, at, direction).Within(1e-7));
    }

    [Fact]
    public void VMap_equals_a_loop()
    {
        var batch = Normal(5, 4, 3);
        var shared = Normal(6, 3);

        Close(batch.Mm(shared.Unsqueeze(1)).Squeeze(1), Transforms.VMap(x => x.Dot(shared), batch));
        Close(batch.Sin(), Transforms.VMap(x => x.Sin(), batch));
        Close([3, 3, 3, 3], Transforms.VMap(_ => Scalar(3), batch));
        Close(batch.Sum() * Tensor.Ones([4], DType.Float64), Transforms.VMap(_ => Transforms.VMap(x => x.Sum(), batch).Sum(), batch), 1e-10);
    }

    [Fact]
    public void VMap_over_parameters_maps_every_leaf()
    {
        Parameters batch = [new("w", Normal(1, 4, 2, 3)), new("x", Normal(2, 4, 3))];

        var result = Transforms.VMap(p => p["w"].Mv(p["x"]), batch);

        Close(batch["w"].Bmm(batch["x"].Unsqueeze(2)).Squeeze(2), result);
    }

    [Fact]
    public void VMap_over_unequal_first_axes_is_refused_with_the_shapes()
    {
        Parameters batch = [new("w", Tensor.Zeros([4, 2])), new("x", Tensor.Zeros([3, 2]))];

        var error = Assert.Throws<ArgumentException>(() => Transforms.VMap(p => p["w"].Sum(), batch));

        Assert.Equal("VMap needs tensors with a common first axis but the shapes are [4, 2], [3, 2].", error.Message);
        Assert.Throws<ArgumentException>(() => Transforms.VMap(x => x, Scalar(1)));
        Assert.Throws<ArgumentException>(() => Transforms.VMap(x => x, Tensor.Zeros([0, 2])));
        Assert.Throws<ArgumentException>(() => Transforms.VMap(p => p, Parameters.Empty));
    }

    [Fact]
    public void An_output_that_is_not_a_scalar_is_refused_everywhere()
    {
        var error = Assert.Throws<TorchException>(() => Transforms.Grad(x => x.Square(), Vector(1, 2)));

        Assert.Equal("grad: the function must return a scalar but returned shape [2]", error.Message);
        Assert.Throws<TorchException>(() => Transforms.VMap(v => Transforms.Grad(x => x.Square(), v), Matrix(1, 1, 2)));
        Assert.Throws<TorchException>(() => Transforms.Grad(_ => Scalar(1), Scalar(1)));
        Close([2], Transforms.Grad(x => x.Square(), Scalar(1)));
    }

    [Fact]
    public void Tangents_and_cotangents_of_another_structure_are_refused()
    {
        Parameters two = [new("a", Scalar(1)), new("b", Scalar(2))];
        Parameters one = [new("a", Scalar(1))];

        Assert.Throws<ArgumentException>(() => Transforms.Jvp(p => p, two, one));
        Assert.Throws<ArgumentException>(() => Transforms.Vjp(p => p, two, one));
        Assert.Throws<ArgumentException>(() => Transforms.Hvp(p => p["a"].Square() * p["b"], two, one));
        Assert.Throws<TorchException>(() => Transforms.Jvp(x => x, Vector(1, 2), Vector(1)));
        Assert.Throws<TorchException>(() => Transforms.Vjp(x => x * 1, Vector(1, 2), Vector(1)));
        Close([1], Transforms.Jvp(x => x * 1, Scalar(1), Scalar(1)).Tangent);
    }

    [Fact]
    public void What_the_function_captures_is_a_constant_of_the_inner_and_a_variable_of_the_outer_transform()
    {
        // d/dx at 3 of [d/dy x² y³ at 2] = 2x · 3y² = 72, and not the derivative of x as y.
        Close([72], Transforms.Grad(x => Transforms.Grad(y => x.Square() * y.Pow(3), Scalar(2)), Scalar(3)));
        Close([72], Transforms.Jvp(x => Transforms.Grad(y => x.Square() * y.Pow(3), Scalar(2)), Scalar(3), Scalar(1)).Tangent);
        Close([72], Transforms.Grad(x => Transforms.Jvp(y => x.Square() * y.Pow(3), Scalar(2), Scalar(1)).Tangent, Scalar(3)));
        Close([24, 48], Transforms.VMap(x => Transforms.Grad(y => x * y.Pow(3), Scalar(2)), Vector(2, 4)));
    }

    [Fact]
    public void The_same_variable_captured_and_passed_counts_each_path_where_it_belongs()
    {
        // f(x) = d/dy (x · y²) at y = x  is 2x², so f'(x) = 4x.
        Close([12], Transforms.Grad(x => Transforms.Grad(y => x * y.Square(), x), Scalar(3)));
        Close([12], Transforms.Jvp(x => Transforms.Grad(y => x * y.Square(), x), Scalar(3), Scalar(1)).Tangent);
        Close([12], Transforms.Grad(x => Transforms.Jvp(y => x * y.Square(), x, Scalar(1)).Tangent, Scalar(3)));
        Close([12], Transforms.Jvp(x => Transforms.Jvp(y => x * y.Square(), x, Scalar(1)).Tangent, Scalar(3), Scalar(1)).Tangent);
        Close([18], Transforms.Grad(y => Scalar(3) * y.Square(), Scalar(3)));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Perturbations_are_not_confused(string outer, string inner)
    {
        // d/dx [x · d/dy (x + y) at y = 1] = 1; a confused tangent gives 2.
        var result = Derivative(outer, x => x * Derivative(inner, y => x + y, Scalar(1)), Scalar(1));

        Close([1], result);
    }

    [Fact]
    public void The_gradient_through_one_inner_step_is_that_of_the_handbook()
    {
        Close([4.0625, -4.875, 0.8125], Transforms.Grad(theta => AdaptedLoss(theta, constant: false), Tensor.From(s_theta)));
        Close([6.5, 0, 3.25], Transforms.Grad(theta => AdaptedLoss(theta, constant: true), Tensor.From(s_theta)));
        Close([5.28125], AdaptedLoss(Tensor.From(s_theta), constant: false));
    }

    [Fact]
    public void The_gradient_through_one_inner_step_is_the_same_under_VMap()
    {
        var batch = Tensor.Stack([Tensor.From(s_theta), Tensor.From(s_theta) * 2]);

        Close([4.0625, -4.875, 0.8125, 8.125, -9.75, 1.625], Transforms.VMap(t => Transforms.Grad(theta => AdaptedLoss(theta, false), t), batch));
        Close([6.5, 0, 3.25, 13, 0, 6.5], Transforms.VMap(t => Transforms.Grad(theta => AdaptedLoss(theta, true), t), batch));
        Close(
            [6.5, 0, 3.25],
            Transforms.Grad(theta => Transforms.VMap(one => AdaptedLoss(theta * one, true), Tensor.Ones([3, 1], DType.Float64)).Mean(), Tensor.From(s_theta)));
        Close(
            [4.0625, -4.875, 0.8125],
            Transforms.Grad(theta => Transforms.VMap(one => AdaptedLoss(theta * one, false), Tensor.Ones([3, 1], DType.Float64)).Mean(), Tensor.From(s_theta)));
    }

    [Fact]
    public void The_derivative_through_one_inner_step_is_the_same_by_forward_mode()
    {
        var direction = Vector(1, 2, 3);

        Close([4.0625 - 9.75 + (3 * 0.8125)], Transforms.Jvp(theta => AdaptedLoss(theta, false), Tensor.From(s_theta), direction).Tangent);
        Close([6.5 + (3 * 3.25)], Transforms.Jvp(theta => AdaptedLoss(theta, true), Tensor.From(s_theta), direction).Tangent);
    }

    [Fact]
    public void The_first_order_value_is_a_constant_too_wherever_it_is_computed()
    {
        // x · value(x) with a constant value x² has the derivative x², not 3x².
        Tensor Product(Tensor x) => x * Transforms.ValueAndGrad(y => y.Square(), x, constant: true).Value;

        Close([9], Transforms.Grad(Product, Scalar(3)));
        Close([9], Transforms.VMap(v => Transforms.Grad(Product, v), Vector(3)));
        Close([9], Transforms.Jvp(Product, Scalar(3), Scalar(1)).Tangent);
    }

    [Fact]
    public void An_exception_inside_a_transform_leaves_the_next_call_as_it_was()
    {
        static Tensor Fail(Tensor x) => throw new InvalidTimeZoneException();
        Func<Tensor, Tensor>[] failing =
        [
            x => Transforms.Grad(Fail, x),
            x => Transforms.Jvp(Fail, x, x).Tangent,
            x => Transforms.Vjp(Fail, x, x).Pullback,
            x => Transforms.Hvp(Fail, x, x),
            x => Transforms.VMap(Fail, x.Unsqueeze(0)),
        ];
        foreach (var outer in failing.Select((_, i) => i))
        {
            foreach (var inner in failing)
            {
                Assert.Throws<InvalidTimeZoneException>(() => Nest(outer, inner, Scalar(2)));
                Close([4], Transforms.Grad(x => x.Square(), Scalar(2)));
                Close([2, 4], Transforms.VMap(v => Transforms.Grad(x => x.Square(), v), Vector(1, 2)));
                Close([4], Transforms.Jvp(x => x.Square(), Scalar(2), Scalar(1)).Tangent);
                Assert.Equal(0, Native.NativeMethods.deutero_layer_depth());
            }
        }

        Assert.False(Scalar(1).Sin().RequiresGrad);
    }

    [Fact]
    public void A_value_that_is_being_transformed_cannot_be_read_but_a_constant_can()
    {
        var error = Assert.Throws<TorchException>(() => Transforms.VMap(x => x * x.Sum().ToDouble(), Matrix(2, 1, 2)));
        Assert.Contains("cannot be read", error.Message, StringComparison.Ordinal);

        var constant = Vector(3);
        Close([3, 6], Transforms.VMap(x => x * constant.ToArray<double>()[0], Vector(1, 2)));
        Close([3, 3], Transforms.VMap(v => Transforms.Grad(x => x * constant.ToArray<double>()[0], v), Vector(1, 2)));
        Close([3], Transforms.Jvp(x => x * constant.ToArray<double>()[0], Scalar(1), Scalar(1)).Tangent);
    }

    [Fact]
    public void A_value_that_escaped_its_transform_never_crashes()
    {
        foreach (var escaped in Escaped())
        {
            _ = Record.Exception(() => escaped.Sin().ToArray<double>());
            _ = Record.Exception(() => escaped.ToArray<double>());
            _ = Record.Exception(() => escaped.ToString());
            _ = Record.Exception(() => Transforms.VMap(x => x * escaped, Vector(1, 2)));
            _ = Record.Exception(() => Transforms.Jvp(x => x * escaped, Scalar(1), Scalar(1)));
        }

        Close([2, 4], Transforms.VMap(v => Transforms.Grad(x => x.Square(), v), Vector(1, 2)));
    }

    private static List<Tensor> Escaped()
    {
        var escaped = new List<Tensor>();
        Tensor Escape(Tensor x)
        {
            escaped.Add(x);
            return x.Square().Sum();
        }

        Transforms.Grad(Escape, Scalar(1));
        Transforms.VMap(Escape, Vector(1, 2));
        Transforms.Jvp(Escape, Scalar(1), Scalar(1));
        Transforms.VMap(v => Transforms.Grad(Escape, v), Vector(1, 2));
        Transforms.Jvp(v => Transforms.VMap(Escape, v), Vector(1, 2), Vector(1, 2));
        return escaped;
    }

    private static Tensor Nest(int outer, Func<Tensor, Tensor> function, Tensor at) => outer switch
    {
        0 => Transforms.Grad(function, at),
        1 => Transforms.Jvp(function, at, at).Tangent,
        2 => Transforms.Vjp(function, at, at).Pullback,
        3 => Transforms.Hvp(function, at, at),
        _ => Transforms.VMap(function, at.Unsqueeze(0)),
    };

    private static Tensor Derivative(string transform, Func<Tensor, Tensor> function, Tensor at) => transform switch
    {
        "Grad" => Transforms.Grad(function, at),
        "Jvp" => Transforms.Jvp(function, at, Scalar(1)).Tangent,
        _ => Transforms.Vjp(function, at, Scalar(1)).Pullback,
    };

    private static Tensor AdaptedLoss(Tensor theta, bool constant)
    {
        var adapted = theta - (0.25 * Transforms.Grad(t => 0.5 * t.Dot(Vector(1, 2, 1)).Square(), theta, constant));
        return 0.5 * adapted.Dot(Vector(2, 0, 1)).Square();
    }
}

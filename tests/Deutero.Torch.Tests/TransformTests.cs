using Deutero.Testing;
using static Deutero.Torch.Transforms;

namespace Deutero.Torch.Tests;

public class TransformTests
{
    private static readonly double[] s_points = [0.3, -0.7, 1.1];

    private static Tensor Point => Tensor.From(s_points);

    // Every way to differentiate t -> sin(t) t once, element by element.
    public static TheoryData<string> Firsts => ["grad", "vjp", "jvp", "vmap of grad", "grad of vmap", "vmap of jvp", "jvp of vmap"];

    private static Tensor D(string how, Func<Tensor, Tensor> f, Tensor at) => how switch
    {
        "grad" => Grad(x => f(x).Sum(), at),
        "vjp" => Vjp(f, at, at.OnesLike()).Pullback,
        "jvp" => Jvp(f, at, at.OnesLike()).Tangent,
        "vmap of grad" => VMap(t => Grad(x => f(x).Sum(), t), at),
        "grad of vmap" => Grad(x => VMap(f, x).Sum(), at),
        "vmap of jvp" => VMap(t => Jvp(f, t, t.OnesLike()).Tangent, at),
        "jvp of vmap" => Jvp(x => VMap(f, x), at, at.OnesLike()).Tangent,
        _ => throw new ArgumentOutOfRangeException(nameof(how)),
    };

    private static void Near(IEnumerable<double> expected, Tensor actual) =>
        Assert.All(expected.Zip(actual.ToArray<double>()), pair => Assert.Equal(pair.First, pair.Second, 12));

    [Theory]
    [MemberData(nameof(Firsts))]
    public void First_derivatives_equal_the_closed_form(string how)
    {
        using var scope = new TensorScope();
        Near(s_points.Select(t => (Math.Cos(t) * t) + Math.Sin(t)), D(how, t => t.Sin() * t, Point));
    }

    [Fact]
    public void Second_derivatives_equal_the_closed_form_in_every_nesting()
    {
        foreach (var outer in Firsts)
        {
            foreach (var inner in Firsts.Where(how => !(how.Data.Contains("vmap", StringComparison.Ordinal) && outer.Data.Contains("vmap", StringComparison.Ordinal))))
            {
                using var scope = new TensorScope();
                Near(s_points.Select(t => (2 * Math.Cos(t)) - (t * Math.Sin(t))), D(outer.Data, t => D(inner.Data, u => u.Sin() * u, t), Point));
            }
        }
    }

    [Fact]
    public void Third_derivatives_equal_the_closed_form_in_every_nesting_of_three()
    {
        string[] hows = ["grad", "vjp", "jvp"];
        foreach (var (a, b, c) in from a in hows from b in hows from c in hows select (a, b, c))
        {
            using var scope = new TensorScope();
            Near(s_points.Select(t => -Math.Cos(t)), D(a, t => D(b, u => D(c, v => v.Sin(), u), t), Point));
            Near(s_points.Select(t => -Math.Cos(t)), VMap(x => D(a, t => D(b, u => D(c, v => v.Sin(), u), t), x), Point));
        }
    }

    [Fact]
    public void Perturbations_are_not_confused()
    {
        // d/dx [ x * d/dy (x + y) ] = 1, not 2, whichever modes are mixed.
        Func<Func<Tensor, Tensor>, Tensor, Tensor>[] modes = [(f, at) => Grad(f, at), (f, at) => Jvp(f, at, at.OnesLike()).Tangent];
        foreach (var outer in modes)
        {
            foreach (var inner in modes)
            {
                using var scope = new TensorScope();
                var x = Tensor.Of(1, DType.Float64);
                Assert.Equal(1, outer(t => t * inner(y => t + y, Tensor.Of(1, DType.Float64)), x).ToDouble());
            }
        }
    }

    [Fact]
    public void Captured_values_are_constants_inside_and_differentiated_outside()
    {
        using var scope = new TensorScope();
        var x = Tensor.Of(3, DType.Float64);

        // inner: d/dy (x y) = x at any y; outer: d/dx (x * x) = 2x
        Assert.Equal(6, Grad(t => t * Grad(y => t * y, Tensor.Of(1, DType.Float64)), x).ToDouble());
    }

    [Theory]
    [InlineData(false, 4.0625, -4.875, .8125)]
    [InlineData(true, 6.5, 0, 3.25)]
    public void A_constant_inner_gradient_is_the_first_order_approximation(bool constant, double first, double second, double third)
    {
        using var scope = new TensorScope();
        var (support, query) = (Tensor.From(new double[] { 1, 2, 1 }), Tensor.From(new double[] { 2, 0, 1 }));
        Tensor Loss(Tensor theta, Tensor x) => theta.Dot(x).Square() * 0.5;
        Tensor Outer(Tensor theta) => Loss(theta - (0.25 * Grad(phi => Loss(phi, support), theta, constant)), query);
        Near([first, second, third], Grad(Outer, Tensor.From(new double[] { 1, -1, 2 })));
    }

    [Fact]
    public void Hessian_vector_products_equal_the_closed_form()
    {
        using var scope = new TensorScope();
        Near(s_points.Select(t => 6 * t * 2), Hvp(x => x.Pow(3.0).Sum(), Point, Point.OnesLike() * 2));
    }

    [Fact]
    public void Trees_keep_their_names_and_an_auxiliary_value_comes_back()
    {
        using var scope = new TensorScope();
        Parameters theta = [new("a", Tensor.Of(2, DType.Float64)), new("b", Tensor.Of(5, DType.Float64))];
        var (value, aux, gradient) = ValueAndGrad(p => (p["a"] * p["b"], p["a"] + p["b"]), theta);
        Assert.Equal((10.0, 7.0), (value.ToDouble(), aux.ToDouble()));
        Assert.Equal((5.0, 2.0), (gradient["a"].ToDouble(), gradient["b"].ToDouble()));
        Assert.False(value.RequiresGrad || aux.RequiresGrad || gradient["a"].RequiresGrad);
    }

    [Fact]
    public void Networks_give_the_same_under_vmap_and_in_a_loop()
    {
        using var scope = new TensorScope();
        using var random = Generator.Seed(1);
        var (weight, gamma) = (random.Normal([3, 2, 3, 3], dtype: DType.Float64), random.Normal([3], dtype: DType.Float64));
        var images = random.Normal([4, 5, 2, 8, 8], dtype: DType.Float64);
        Tensor Loss(Tensor w, Tensor x)
        {
            var y = Tensor.BatchNorm(Tensor.Conv2d(x, w, null, [1, 1], [1, 1]), gamma, gamma, null, null, true, 0, 1e-5, false);
            return y.Relu().MaxPool2d([2, 2], [2, 2]).Reshape([5, -1]).LogSoftmax(-1).Square().Mean();
        }

        var vectorised = VMap(x => Grad(w => Loss(w - (0.1 * Grad(v => Loss(v, x), w)), x), weight), images);
        for (var i = 0; i < 4; i++)
        {
            var one = Grad(w => Loss(w - (0.1 * Grad(v => Loss(v, images[i]), w)), images[i]), weight);
            Assert.InRange((vectorised[i] - one).Abs().Max().ToDouble() / one.Abs().Max().ToDouble(), 0, 1e-10);
        }
    }

    [Fact]
    public void An_exception_inside_leaves_the_layers_clean()
    {
        using var scope = new TensorScope();
        for (var i = 0; i < 3; i++)
        {
            Assert.Throws<InvalidOperationException>(() => VMap<Tensor, Tensor>(x => Grad<Tensor>(_ => throw new InvalidOperationException(), x), Point));
            Assert.Throws<InvalidOperationException>(() => Jvp<Tensor, Tensor>(_ => throw new InvalidOperationException(), Point, Point));
            Near(s_points.Select(Math.Cos), VMap(x => Grad(t => t.Sin(), x), Point));
        }
    }

    [Fact]
    public void Many_threads_transform_at_once()
    {
        Parallel.For(0, 64, i =>
        {
            using var scope = new TensorScope();
            Near(s_points.Select(Math.Cos), i % 2 == 0 ? Grad(x => x.Sin().Sum(), Point) : VMap(x => Jvp(t => t.Sin(), x, x.OnesLike()).Tangent, Point));
        });
    }

    [Fact]
    public void Misuse_is_named()
    {
        using var scope = new TensorScope();
        Assert.Contains("must return a scalar but returned shape [3]", Assert.Throws<TorchException>(() => Grad(x => x.Sin(), Point)).Message);
        Parameters unequal = [new("a", Tensor.Ones([2])), new("b", Tensor.Ones([3]))];
        Assert.Contains("[2], [3]", Assert.Throws<ArgumentException>(() => VMap(p => p["a"], unequal)).Message);
        Assert.Throws<TorchException>(() => VMap(x => Tensor.Of(x.ToDouble()), Point));
    }

    [Fact]
    public void Gradients_of_operators_equal_finite_differences()
    {
        using var scope = new TensorScope();
        using var random = Generator.Seed(9);
        Tensor N(params long[] shape) => random.Normal(shape, dtype: DType.Float64);
        var (image, kernel, label) = (N(2, 2, 5, 5), N(3, 2, 3, 3), Tensor.From(new long[] { 1, 0, 2 }));
        (string Name, Func<Tensor, Tensor> Function, Tensor At)[] cases =
        [
            ("conv2d, stride 2", w => Tensor.Conv2d(image, w, null, [2, 2], [1, 1]), kernel),
            ("conv2d, images", x => Tensor.Conv2d(x, kernel, null, [1, 1], [1, 1]), image),
            ("batch norm, batch", x => Tensor.BatchNorm(x, null, null, null, null, true, 0, 1e-5, false), image),
            ("batch norm, given", x => Tensor.BatchNorm(x, null, null, Tensor.Zeros([2], DType.Float64), Tensor.Ones([2], DType.Float64), false, 0, 1e-5, false), image),
            ("average pool", x => x.AvgPool2d([2, 2]), image),
            ("linear", w => Tensor.Linear(N(4, 3).Detach() * 0 + 1.5, w), N(2, 3)),
            ("softmax", x => x.Softmax(-1), N(3, 4)),
            ("cross entropy", x => x.CrossEntropyLoss(label), N(3, 4)),
            ("layer norm", x => Tensor.LayerNorm(x, [4]), N(3, 4)),
            ("einsum", x => Tensor.Einsum("ij,kj->ik", [x, x]), N(3, 4)),
            ("index select", x => x.IndexSelect(0, label), N(3, 4)),
            ("gather", x => x.Gather(1, label.Reshape([3, 1])), N(3, 4)),
            ("cat and stack", x => Tensor.Stack([Tensor.Cat([x, x.Sin()]), Tensor.Cat([x.Exp(), x])]), N(3, 4)),
            ("solve", x => Tensor.LinalgSolve(x + (5 * Tensor.Eye(4, DType.Float64)), Tensor.Ones([4, 1], DType.Float64)), N(4, 4)),
            ("tanh, gelu, softplus", x => x.Tanh() + x.Gelu() + x.Softplus(), N(5)),
        ];
        foreach (var (name, function, at) in cases)
        {
            Tensor Scalar(Tensor x) => function(x).Sin().Sum();
            Assert.True(GradientCheck.First(Scalar, at).RelativeError < 1e-6, name);
            Assert.True(GradientCheck.Second(Scalar, at, N([.. at.Shape]).Detach()).RelativeError < 1e-6, name + ", second order");
        }
    }

    [Fact]
    public void A_wrong_derivative_is_noticed_by_the_check_and_float32_is_refused()
    {
        using var scope = new TensorScope();
        Assert.InRange(GradientCheck.First(x => x.Square().Sum() + x.Detach().Pow(3.0).Sum(), Point).RelativeError, 0.1, 2);
        Assert.Contains("Float64", Assert.Throws<ArgumentException>(() => GradientCheck.First(x => x.Sum(), Tensor.Ones([2]))).Message);
    }

    [Fact]
    public void Backward_accumulates_and_modes_switch_recording()
    {
        using var scope = new TensorScope();
        var x = Autograd.Leaf(Point);
        Autograd.Backward([x.Square().Sum()]);
        Autograd.Backward([x.Square().Sum()]);
        Near(s_points.Select(t => 4 * t), Autograd.GradientOf(x)!);
        using (Autograd.NoGrad())
        {
            Assert.False((x * x).RequiresGrad);
            using (Autograd.EnableGrad())
            {
                Assert.True((x * x).RequiresGrad);
            }
        }

        using (Autograd.InferenceMode())
        {
            Assert.False((x * x).RequiresGrad);
        }

        Assert.Throws<TorchException>(() => Autograd.Grad([Point.Sum()], [x]));
    }
}

using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

/// <summary>Differentiation right inside one VMap, which runs on the plain tape of the batch, against a loop over the examples.</summary>
public sealed class BatchTapeTests
{
    private static readonly Tensor s_captured = Normal(5, 3, 3);

    // Every kind of nesting, each from one example to one value.
    private static readonly Dictionary<string, Func<Parameters, Tensor>> s_functions = new()
    {
        ["first"] = p => Transforms.Grad(Energy, p)["w"],
        ["second"] = p => Transforms.Grad(q => Transforms.Grad(Energy, q)["w"].Square().Sum(), p)["w"],
        ["third"] = p => Transforms.Grad(q => Transforms.Grad(r => Transforms.Grad(Energy, r)["w"].Square().Sum(), q)["w"].Sin().Sum(), p)["w"],
        ["hvp"] = p => Transforms.Hvp(Energy, p, p)["w"],
        ["vjp"] = p => Transforms.Vjp<Tensor, Tensor>(x => s_captured.Mv(x.Sin()), p["x"], p["x"].Cos()).Pullback,
        ["steps"] = p => Transforms.Grad(q => Energy(q.With([new("w", q["w"] - (0.1 * Transforms.Grad(Energy, q)["w"]))])), p)["w"],
        ["constant"] = p => Transforms.Grad(q => Energy(q.With([new("w", q["w"] - (0.1 * Transforms.Grad(Energy, q, constant: true)["w"]))])), p)["w"],
        ["unused"] = p => Transforms.Grad(q => q["w"].Square().Sum(), p)["x"],
        ["batch independent"] = p => Transforms.Grad(x => (s_captured * x).Sum(), s_captured) + p["x"],
        ["value"] = p => Transforms.ValueAndGrad(Energy, p).Value,
        ["no grad"] = p => Transforms.Grad(
            q =>
            {
                using var noGrad = Autograd.NoGrad();
                var weight = q["w"].Square();
                using var grad = Autograd.EnableGrad();
                return (weight * q["x"].Square()).Sum();
            },
            p)["x"],
        ["linear"] = p => Transforms.Grad(q => Transforms.Linear(q["x"].Unsqueeze(0), q["w"], q["x"]).Pow(3).Sum(), p)["w"],
        ["linear twice"] = p => Transforms.Hvp(q => Transforms.Linear(q["x"].Unsqueeze(0), q["w"], q["x"]).Pow(3).Sum(), p, p)["x"],
        ["jvp inside"] = p => Transforms.Grad(q => Transforms.Jvp<Tensor, Tensor>(x => q["w"].Mv(x.Sin()), q["x"], q["x"]).Tangent.Sum(), p)["w"],
        ["vmap inside"] = p => Transforms.Grad(q => Transforms.VMap(row => row.Sin() * q["x"].Sum(), q["w"]).Sum(), p)["x"],
    };

    private static Tensor Energy(Parameters p) => s_captured.Mv(p["w"].Mv(p["x"]).Sin()).Square().Sum() + p["x"].Pow(3).Sum();

    public static TheoryData<string> Functions => [.. s_functions.Keys];

    [Theory]
    [MemberData(nameof(Functions))]
    public void Every_example_gets_what_it_would_get_alone(string name)
    {
        using var scope = new TensorScope();
        var function = s_functions[name];
        Parameters batch = [new("w", Normal(1, 4, 3, 3)), new("x", Normal(2, 4, 3))];

        var together = Transforms.VMap(function, batch);

        var alone = Tensor.Stack([.. Enumerable.Range(0, 4).Select(i => function(batch.Map(leaf => leaf.Select(0, i))))]);
        Close(alone, together, 1e-11);
    }

    public static TheoryData<string> Depending => [.. s_functions.Keys.Except(["unused", "batch independent"])];

    [Theory]
    [MemberData(nameof(Depending))]
    public void Gradients_through_the_map_are_those_through_a_loop(string name)
    {
        using var scope = new TensorScope();
        var function = s_functions[name];
        Parameters batch = [new("w", Normal(1, 4, 3, 3)), new("x", Normal(2, 4, 3))];
        Parameters shared = [new("w", Normal(3, 3, 3))];
        Parameters Beside(Parameters s, Parameters p) => p.With([new("w", p["w"] + s["w"])]);

        var together = Transforms.Grad(s => Weighed(Transforms.VMap(p => function(Beside(s, p)), batch)), shared);

        var alone = Transforms.Grad(
            s => Weighed(Tensor.Stack([.. Enumerable.Range(0, 4).Select(i => function(Beside(s, batch.Map(leaf => leaf.Select(0, i)))))])), shared);
        Close(alone, together, 1e-10);
    }

    [Fact]
    public void What_does_not_depend_on_the_input_is_refused_and_leaves_no_layer_behind()
    {
        Assert.Throws<TorchException>(() => Transforms.VMap(x => Transforms.Grad(_ => Scalar(1), x), Matrix(2, 1, 2)));
        Assert.Throws<TorchException>(() => Transforms.VMap(x => Transforms.Grad(y => y, x), Matrix(2, 1, 2)));
        Assert.False(Transforms.AnyActive);
        Close([2, 4], Transforms.VMap(x => Transforms.Grad(y => y.Square().Sum(), x), Matrix(2, 1, 2)));
    }

    // Sizes around whole vectors, and one too large for the small kernel.
    [Theory]
    [InlineData(3, 1, 40)]
    [InlineData(10, 40, 40)]
    [InlineData(9, 17, 1)]
    [InlineData(2, 300, 65)]
    public void Batched_products_and_their_derivatives_are_libtorchs(int rows, int depth, int columns)
    {
        using var scope = new TensorScope();
        foreach (var (form, left, right) in new[]
        {
            (0, Normal(1, 4, rows, depth), Normal(2, 4, depth, columns)), (1, Normal(1, 4, rows, depth), Normal(2, 4, columns, depth)),
            (2, Normal(1, 4, depth, rows), Normal(2, 4, depth, columns)),
        })
        {
            Parameters at = [new("a", left), new("b", right)];
            Tensor Ours(Parameters p) => Weighed(Tensor.BatchedProduct(p["a"], p["b"], form).Pow(3));
            Tensor Theirs(Parameters p) =>
                Weighed((form == 2 ? p["a"].Transpose(1, 2) : p["a"]).Bmm(form == 1 ? p["b"].Transpose(1, 2) : p["b"]).Pow(3));
            Close(Theirs(at), Ours(at), 1e-10);
            Near(Transforms.Grad(Theirs, at), Transforms.Grad(Ours, at));
            Near(Transforms.Hvp(Theirs, at, at), Transforms.Hvp(Ours, at, at));
        }
    }

    private static void Near(Parameters expected, Parameters actual)
    {
        foreach (var (name, leaf) in expected)
        {
            Assert.True((actual[name] - leaf).LinalgNorm().ToDouble() <= 1e-11 * leaf.LinalgNorm().ToDouble(), name);
        }
    }
}

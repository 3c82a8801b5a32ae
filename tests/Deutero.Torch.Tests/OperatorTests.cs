using Deutero.Torch.Native;
using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class OperatorTests
{
    [Fact]
    public void Every_operator_of_the_list_exists_in_this_libtorch()
    {
        var schemas = RepositoryFiles.OperatorSchemas();

        Assert.True(schemas.Length > 150);
        Assert.All(schemas, schema =>
        {
            var name = Qualified(schema[..schema.IndexOf('(', StringComparison.Ordinal)]).Split('.');
            var status = NativeMethods.deutero_operator(name[0], name.Length > 1 ? name[1] : "", out var handle);
            Assert.True(status == 0 && handle != 0, NativeMethods.LastError());
        });
    }

    [Fact]
    public void Every_operator_of_the_list_has_its_method()
    {
        var methods = typeof(Tensor).GetMethods().Select(method => method.Name).ToHashSet();

        Assert.All(RepositoryFiles.OperatorSchemas(), schema =>
        {
            var name = Qualified(schema[..schema.IndexOfAny(['.', '('])]).Split("::")[1];
            Assert.Contains(string.Concat(name.Split('_').Where(part => part.Length > 0).Select(part => char.ToUpperInvariant(part[0]) + part[1..])), methods);
        });
    }

    [Fact]
    public void An_operator_that_libtorch_lacks_is_named()
    {
        Assert.Equal(1, NativeMethods.deutero_operator("aten::no_such", "thing", out _));
        Assert.Contains("has no operator aten::no_such.thing", NativeMethods.LastError(), StringComparison.Ordinal);
    }

    [Fact]
    public void Element_wise_functions_match_those_of_the_runtime()
    {
        double[] points = [-1.5, -0.25, 0.0, 0.75, 2.0];
        var x = Tensor.From(points);
        var positive = x.Square() + 0.5;
        double[] squares = [.. points.Select(v => (v * v) + 0.5)];

        Close([.. points.Select(Math.Exp)], x.Exp());
        Close([.. points.Select(Math.Sin)], x.Sin());
        Close([.. points.Select(Math.Cos)], x.Cos());
        Close([.. points.Select(Math.Tanh)], x.Tanh());
        Close([.. points.Select(v => 1 / (1 + Math.Exp(-v)))], x.Sigmoid());
        Close([.. points.Select(v => Math.Log(1 + Math.Exp(v)))], x.Softplus());
        Close([.. points.Select(v => Math.Max(v, 0))], x.Relu());
        Close([.. points.Select(v => v > 0 ? v : 0.01 * v)], x.LeakyRelu());
        Close([.. points.Select(v => v > 0 ? v : 0.2 * v)], x.LeakyRelu(0.2));
        Close([.. points.Select(v => v / (1 + Math.Exp(-v)))], x.Silu());
        Close([.. points.Select(v => Math.Clamp(v, -1, 1))], x.Clamp(-1, 1));
        Close([.. points.Select(v => Math.Min(v, 0.5))], x.Clamp(max: 0.5));
        Close([.. points.Select(v => Math.Abs(v))], x.Abs());
        Close([.. points.Select(v => (double)Math.Sign(v))], x.Sign());
        Close([.. points.Select(v => Math.Floor(v))], x.Floor());
        Close([.. squares.Select(v => Math.Log(v))], positive.Log());
        Close([.. squares.Select(Math.Sqrt)], positive.Sqrt());
        Close([.. squares.Select(v => 1 / Math.Sqrt(v))], positive.Rsqrt());
        Close([.. squares.Select(v => 1 / v)], positive.Reciprocal());
        Close([.. squares.Select(v => Math.Pow(v, 1.7))], positive.Pow(1.7));
        Close([.. points.Zip(squares, (p, s) => Math.Pow(s, p))], positive.Pow(x));
        Close([.. points.Zip(squares, Math.Max)], x.Maximum(positive));
        Close([0.8427007929497149, -0.8427007929497149], Vector(1, -1).Erf());
    }

    [Fact]
    public void Products_of_matrices_match_sums_written_out()
    {
        var a = Matrix(2, 1, 2, 3, 4, 5, 6);
        var b = Matrix(3, 1, 0, -1, 2, 0.5, 3);

        Close([(1 * 1) + (2 * -1) + (3 * 0.5), (2 * 2) + (3 * 3), 4 - 5 + 3, 10 + 18], a.Mm(b));
        Close([14, 32], a.Mv(Vector(1, 2, 3)));
        Close([14], Vector(1, 2, 3).Dot(Vector(1, 2, 3)));
        Close([3, 4, 6, 8], Vector(1, 2).Outer(Vector(3, 4)));
        Close([14, 32], Tensor.Einsum("ij,j->i", [a, Vector(1, 2, 3)]));
        Close([15, 33], Tensor.Linear(Vector(1, 2, 3), a, Vector(1, 1)));
        Close(Tensor.Stack([a.Mm(b), 2 * a.Mm(b)]), Tensor.Stack([a, 2 * a]).Bmm(Tensor.Stack([b, b])));
        Close([5], Matrix(2, 1, 2, 3, 4).Trace());
    }

    [Fact]
    public void Reductions_match_sums_written_out()
    {
        var x = Matrix(2, 1, 2, 3, 4, 6, 11);

        Close([27], x.Sum());
        Close([5, 8, 14], x.Sum([0]));
        Assert.Equal([2, 1], x.Sum([1], keepdim: true).Shape);
        Close([2, 7], x.Mean([1]));
        Close([1, 13], x.Var([1], correction: 1));
        Close([2.0 / 3, 26.0 / 3], x.Var([1], correction: 0));
        Close([1, Math.Sqrt(13)], x.Std([1], correction: 1));
        Close([4, 6, 11], x.Amax([0]));
        Close([1], x.Min());
        Close([2, 2], x.Argmax(1));
        Close([1 * 2 * 3 * 4 * 6 * 11.0], x.Prod());
        Close([1, 3, 6, 4, 10, 21], x.Cumsum(1));
        Close([Math.Log(Math.Exp(1) + Math.Exp(4))], x.Logsumexp([0]).Narrow(0, 0, 1));
        Close([Math.Sqrt(14)], x[0].Norm(2, [0]));
        Close([27], x.Sum([]));
    }

    [Fact]
    public void Several_results_come_back_in_their_order()
    {
        var (values, indices) = Vector(3, 9, 1, 7).Topk(2);
        var (sorted, order) = Vector(3, 9, 1, 7).Sort(descending: true);
        var (largest, position) = Matrix(2, 1, 5, 8, 2).Max(1);

        Close([9, 7], values);
        Assert.Equal([1, 3], indices.ToArray<long>());
        Close([9, 7, 3, 1], sorted);
        Assert.Equal([1, 3, 0, 2], order.ToArray<long>());
        Close([5, 8], largest);
        Assert.Equal([1, 0], position.ToArray<long>());
        Assert.Equal([2, 2, 1], Tensor.Arange(0, 5).Split(2).Select(piece => (int)piece.Count));
        Assert.Equal(3, Tensor.Arange(0, 5).Chunk(3).Length);
        Assert.True(Vector(1, 2).Equal(Vector(1, 2)));
        Assert.False(Vector(1, 2).Allclose(Vector(1, 2.1)));
    }

    [Fact]
    public void Losses_match_their_definitions()
    {
        var logits = Matrix(2, 1, 2, 3, 0.5, -1, 0);
        var labels = Tensor.From<long>([2, 0]);
        double[][] rows = [[1, 2, 3], [0.5, -1, 0]];
        var expected = new[] { 2, 0 }.Select((label, i) => Math.Log(rows[i].Sum(Math.Exp)) - rows[i][label]).ToArray();

        Close([expected.Average()], logits.CrossEntropyLoss(labels));
        Close(expected, logits.CrossEntropyLoss(labels, reduction: 0));
        Close([expected.Sum()], logits.LogSoftmax(1).NllLoss(labels, reduction: 2));
        Close([(0.25 + 4) / 2], Vector(1, 2).MseLoss(Vector(0.5, 4)));
        Close(
            [(Math.Log(1 + Math.Exp(-2)) + Math.Log(1 + Math.Exp(0.5))) / 2],
            Vector(2, 0.5).BinaryCrossEntropyWithLogits(Vector(1, 0)));
        Close([0, 0, 1, 1, 0, 0], labels.OneHot(3));
        Close([1, 5], Tensor.Cdist(Matrix(1, 0, 0), Matrix(2, 0, 1, 3, 4)));
        Close([.. rows[0].Select(v => Math.Exp(v) / rows[0].Sum(Math.Exp))], logits.Softmax(1)[0]);
    }

    [Fact]
    public void Shapes_are_rearranged_as_written()
    {
        var x = Tensor.Arange(0, 6).Reshape([2, 3]);

        Close([0, 3, 1, 4, 2, 5], x.Permute([1, 0]));
        Assert.Equal([3, 1, 2], x.T().Unsqueeze(1).Shape);
        Close([3, 4, 5, 0, 1, 2], x.Flip([0]));
        Close([2, 0, 1, 5, 3, 4], x.Roll([1], [1]));
        Close([2, 5, 1, 4, 0, 3], x.Rot90());
        Close([0, 4], x.Diagonal());
        Close([0, 0, 0, 3, 4, 0], x.Tril());
        Close([0, 1, 0, 1], Tensor.Arange(0, 2).Tile([2]));
        Assert.Equal([4, 3], Tensor.Cat([x, x]).Shape);
        Assert.Equal([2, 2, 3], Tensor.Stack([x, x], 1).Shape);
        Close([0, 0, 0, 1, 1, 1], Tensor.Arange(0, 2).Unsqueeze(1).Expand([-1, 3]));
        Close([9, 0, 1, 9], Tensor.Arange(0, 2).ConstantPadNd([1, 1], 9));
        Close([2, 1, 2, 3, 2], Matrix(1, 1, 2, 3).Pad([1, 1], "reflect"));
        Assert.Equal([6], x.Flatten().Shape);
        Assert.Equal([2, 3], x.Unsqueeze(0).Squeeze(0).Shape);
    }

    [Fact]
    public void Elements_are_picked_by_index_and_condition()
    {
        var x = Matrix(2, 1, 2, 3, 4, 5, 6);

        Close([3, 1, 6, 4], x.IndexSelect(1, Tensor.From<long>([2, 0])));
        Close([2, 6], x.Gather(1, Tensor.From<long>([1, 2], 2, 1)));
        Close([2, 5], x.Index([null, Tensor.From<long>([1])]));
        Close([4, 2], x.Index([Tensor.From<long>([1, 0]), Tensor.From<long>([0, 1])]));
        Close([5, 6], x.MaskedSelect(x.Gt(4)));
        Close([1, 2, 0, 0, 0, 0], Tensor.Where(x.Lt(3), x, x.ZerosLike()));
        Close([1, 7, 3, 7, 5, 6], x.Scatter(1, Tensor.From<long>([1, 0], 2, 1), 7));
        Assert.Equal([false, true, true], Vector(1, 2, 3).Ge(2).ToArray<bool>());
        Close([0, 2, 1], Tensor.From<long>([1, 2, 1]).Bincount());
        Close([0, 2], Vector(1, 0, 3).Nonzero());
        Assert.Equal([true, false, false], Vector(1, double.NaN, double.PositiveInfinity).Isfinite().ToArray<bool>());
    }

    [Fact]
    public void Convolution_and_pooling_match_windows_written_out()
    {
        var image = Tensor.Arange(0, 16, dtype: DType.Float64).Reshape([1, 1, 4, 4]);
        var kernel = Tensor.From<double>([1, 0, 0, -1], 1, 1, 2, 2);

        Close([-5, -5, -5, -5], Tensor.Conv2d(image, kernel, stride: [2, 2]));
        Assert.Equal([1, 1, 5, 5], Tensor.Conv2d(image, kernel, padding: [1, 1]).Shape);
        Close([-4], Tensor.Conv2d(image, kernel, Vector(1), stride: [4, 4]));
        Close([5, 7, 13, 15], image.MaxPool2d([2, 2]));
        Close([2.5, 4.5, 10.5, 12.5], image.AvgPool2d([2, 2]));
        Close([7.5], image.AdaptiveAvgPool2d([1, 1]));
    }

    [Fact]
    public void Normalisation_gives_mean_0_and_variance_1_or_uses_what_it_is_given()
    {
        var x = Matrix(2, 1, 10, 3, 30);

        Close([-1, -1, 1, 1], Tensor.BatchNorm(x, null, null, null, null, true, 0.1, 0, false));
        Close([1, 5, 3, 15], Tensor.BatchNorm(x, null, null, Vector(0, 0), Vector(1, 4), false, 0.1, 0, false));
        Close([-1, 1, -1, 1], Tensor.LayerNorm(x, [2], eps: 0));
    }

    [Fact]
    public void Linear_systems_are_solved()
    {
        var a = Matrix(2, 2, 1, 1, 3);

        Close([1, 2], Tensor.LinalgSolve(a, Vector(4, 7)));
        Close([0.6, -0.2, -0.2, 0.4], Tensor.LinalgInv(a));
        Close([Math.Sqrt(2), 0, 1 / Math.Sqrt(2), Math.Sqrt(2.5)], a.LinalgCholesky());
        Close([Math.Sqrt(15)], a.LinalgNorm());
    }

    // A name without a namespace is ATen's.
    private static string Qualified(string name) => name.Contains("::", StringComparison.Ordinal) ? name : "aten::" + name;
}

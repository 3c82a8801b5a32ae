using Deutero.Testing;
using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

/// <summary>Gradients of operators against central differences in float64.</summary>
public sealed class OperatorGradientTests
{
    private static readonly Dictionary<string, (Func<Parameters, Tensor> Function, Parameters At)> s_smooth = new()
    {
        ["add_sub"] = (p => Weighed(p["a"] + (p["b"] * p["a"]) - p["b"].Sub(p["a"], 3)), Two([2, 3], [3])),
        ["mul_div"] = (p => Weighed(p["a"] * p["b"] / (p["b"].Square() + 1)), Two([2, 3], [2, 1])),
        ["pow"] = (p => Weighed((p["a"].Square() + 0.5).Pow(p["b"]) + (p["b"].Square() + 1).Pow(1.7)), Two([2, 3], [3])),
        ["exp_log"] = (p => Weighed(p["a"].Exp() + (p["a"].Square() + 1).Log() + p["a"].Expm1() + p["a"].Square().Log1p()), One(4)),
        ["sqrt"] = (p => Weighed((p["a"].Square() + 1).Sqrt() * (p["a"].Square() + 2).Rsqrt() * (p["a"].Square() + 3).Reciprocal()), One(4)),
        ["trigonometric"] = (p => Weighed(p["a"].Sin() * p["a"].Cos()), One(4)),
        ["tanh_sigmoid"] = (p => Weighed(p["a"].Tanh() + p["a"].Sigmoid()), One(4)),
        ["softplus"] = (p => Weighed(p["a"].Softplus()), One(4)),
        ["elu"] = (p => Weighed(p["a"].Elu()), One(4)),
        ["gelu"] = (p => Weighed(p["a"].Gelu()), One(4)),
        ["silu"] = (p => Weighed(p["a"].Silu()), One(4)),
        ["erf"] = (p => Weighed(p["a"].Erf()), One(4)),
        ["matmul"] = (p => Weighed(p["a"].Matmul(p["b"])), Two([2, 2, 3], [3, 2])),
        ["mm_mv_dot"] = (p => p["a"].Mm(p["b"]).Mv(p["b"][0]).Dot(p["a"].Select(1, 0)), Two([2, 3], [3, 2])),
        ["bmm"] = (p => Weighed(p["a"].Bmm(p["b"])), Two([2, 2, 3], [2, 3, 2])),
        ["addmm"] = (p => Weighed(p["b"].T().Addmm(p["a"], p["b"].Mm(p["a"]), 0.5, 2)), Two([2, 2], [2, 2])),
        ["baddbmm"] = (p => Weighed(p["a"].Baddbmm(p["b"], p["a"])), Two([2, 2, 2], [2, 2, 2])),
        ["linear"] = (p => Weighed(Tensor.Linear(p["a"], p["b"], p["b"].Sum([1]))), Two([2, 3], [2, 3])),
        ["einsum"] = (p => Weighed(Tensor.Einsum("bij,bjk,k->bi", [p["a"], p["a"], p["b"]])), Two([2, 2, 2], [2])),
        ["outer"] = (p => Weighed(p["a"].Outer(p["b"]).Square()), Two([2], [3])),
        ["sum_mean"] = (p => Weighed(p["a"].Square().Sum([0]) * p["a"].Sin().Mean([0])), One(2, 3)),
        ["var_std"] = (p => Weighed(p["a"].Var([1], 1) + p["a"].Std([1], 0)), One(2, 3)),
        ["prod_cumsum"] = (p => p["a"].Prod() + Weighed(p["a"].Square().Cumsum(0)), One(4)),
        ["norm"] = (p => Weighed(p["a"].Norm(2, [1])) + p["a"].LinalgNorm(), One(2, 3)),
        ["logsumexp"] = (p => Weighed(p["a"].Logsumexp([1])), One(2, 3)),
        ["softmax"] = (p => Weighed(p["a"].Softmax(1)), One(2, 3)),
        ["log_softmax"] = (p => Weighed(p["a"].LogSoftmax(1)), One(2, 3)),
        ["cross_entropy_loss"] = (p => p["a"].CrossEntropyLoss(Labels, labelSmoothing: 0.1), One(2, 3)),
        ["nll_loss"] = (p => p["a"].Square().LogSoftmax(1).NllLoss(Labels), One(2, 3)),
        ["mse_loss"] = (p => p["a"].MseLoss(p["b"].Square()), Two([2, 3], [2, 3])),
        ["binary_cross_entropy_with_logits"] = (p => p["a"].BinaryCrossEntropyWithLogits(Vector(1, 0, 0.3)), One(3)),
        ["views"] = (p => Weighed(p["a"].Permute([1, 0]).Reshape([2, 3]).Movedim(0, 1).Unsqueeze(0).Expand([2, -1, -1]).Square()), One(2, 3)),
        ["pieces"] = (p => Weighed(p["a"].Narrow(1, 1, 2).Square() * p["a"].Slice(1, 0, 2).Select(0, 1)), One(2, 3)),
        ["index_select"] = (p => Weighed(p["a"].Square().IndexSelect(1, Tensor.From<long>([2, 0, 2]))), One(2, 3)),
        ["gather"] = (p => Weighed(p["a"].Square().Gather(1, Tensor.From<long>([1, 1, 2, 0], 2, 2))), One(2, 3)),
        ["index"] = (p => Weighed(p["a"].Square().Index([Tensor.From<long>([1, 0, 1])])), One(2, 3)),
        ["flip_roll_tile"] = (p => Weighed(p["a"].Square().Flip([0]).Roll([1], [1]).Tile([2, 1]).Repeat([1, 2])), One(2, 3)),
        ["cat_stack"] = (p => Weighed(Tensor.Cat([p["a"].Square(), p["b"]]) * Tensor.Stack([p["b"][0], p["a"][0], p["a"][1]])), Two([2, 2], [1, 2])),
        ["split_chunk_unbind"] = (p => p["a"].Split(2)[1].Square().Sum() + Weighed(p["a"].Chunk(2)[0] * p["a"].Unbind()[3]), One(4)),
        ["diagonals"] = (p => Weighed(p["a"].Square().Diagonal() * p["a"].Tril().Diagonal()) + p["a"].Mm(p["a"]).Trace(), One(3, 3)),
        ["where"] = (p => Weighed(Tensor.Where(p["a"].Detach().Gt(0), p["a"].Square(), p["a"].Exp())), One(4)),
        ["pad"] = (p => Weighed(p["a"].Square().Pad([1, 1], "reflect")) + Weighed(p["a"].Square().ConstantPadNd([1, 0], 2)), One(1, 3)),
        ["conv2d"] = (p => Weighed(Tensor.Conv2d(p["a"], p["b"], p["b"].Sum([1, 2, 3]), stride: [2, 1], padding: [1, 1])), Two([1, 2, 4, 3], [2, 2, 2, 2])),
        ["conv2d_groups"] = (p => Weighed(Tensor.Conv2d(p["a"], p["b"], dilation: [2, 1], groups: 2)), Two([1, 2, 4, 3], [2, 1, 2, 2])),
        ["avg_pool2d"] = (p => Weighed(p["a"].Square().AvgPool2d([2, 2], [1, 1], [1, 1])), One(1, 1, 3, 3)),
        ["adaptive_avg_pool2d"] = (p => Weighed(p["a"].Square().AdaptiveAvgPool2d([1, 2])), One(1, 1, 3, 4)),
        ["batch_norm_training"] = (p => Weighed(Tensor.BatchNorm(p["a"], p["b"], p["b"].Sin(), null, null, true, 0.1, 1e-5, false)), Two([3, 2, 2], [2])),
        ["batch_norm_evaluation"] = (
            p => Weighed(Tensor.BatchNorm(p["a"], p["b"], p["b"].Sin(), Vector(0.1, -1), Vector(0.5, 2), false, 0.1, 1e-5, false)), Two([3, 2, 2], [2])),
        ["native_batch_norm"] = (p => Weighed(Tensor.NativeBatchNorm(p["a"], p["b"], p["b"].Sin(), null, null, true, 0.1, 1e-5).Item1), Two([3, 2], [2])),
        ["layer_norm"] = (p => Weighed(Tensor.LayerNorm(p["a"], [3], p["b"], p["b"].Sin())), Two([2, 3], [3])),
        ["linalg_solve"] = (p => Weighed(Tensor.LinalgSolve(p["a"] + (3 * Tensor.Eye(3, DType.Float64)), p["b"])), Two([3, 3], [3, 2])),
        ["linalg_cholesky"] = (p => Weighed(Positive(p["a"]).LinalgCholesky()), One(2, 2)),
        ["linalg_inv"] = (p => Weighed(Tensor.LinalgInv(Positive(p["a"]))), One(2, 2)),
    };

    // Kinks, or no second derivative in libtorch: checked at points away from the kinks, first order only.
    private static readonly Dictionary<string, (Func<Parameters, Tensor> Function, Parameters At)> s_rough = new()
    {
        ["relu"] = (p => Weighed(p["a"].Relu() + p["a"].LeakyRelu(0.1) + p["a"].Abs() + p["a"].Clamp(-0.6, 0.7)), One(6)),
        ["max_pool2d"] = (p => Weighed(p["a"].MaxPool2d([2, 2], [1, 2], [1, 0])), One(1, 2, 4, 4)),
        ["amax_amin"] = (p => Weighed(p["a"].Amax([1]) - p["a"].Amin([1])) + p["a"].Max() + p["a"].Min(), One(2, 3)),
        ["max_dim"] = (p => Weighed(p["a"].Max(1).Item1), One(2, 3)),
        ["topk_sort"] = (p => Weighed(p["a"].Topk(2).Item1) + Weighed(p["a"].Sort().Item1), One(5)),
        ["maximum_minimum"] = (p => Weighed(p["a"].Maximum(p["b"]) * p["a"].Minimum(p["b"])), Two([4], [4])),
        ["masked_select_scatter"] = (
            p => Weighed(p["a"].MaskedSelect(p["a"].Detach().Gt(0))) + Weighed(p["a"].Scatter(0, Tensor.From<long>([1]), 5)), One(4)),
        ["cdist"] = (p => Weighed(Tensor.Cdist(p["a"], p["b"])), Two([2, 3], [2, 3])),
        ["rot90"] = (p => Weighed(p["a"].Rot90()), One(2, 3)),
    };

    public static TheoryData<string> Smooth => [.. s_smooth.Keys];

    public static TheoryData<string> Rough => [.. s_rough.Keys];

    private static Tensor Labels => Tensor.From<long>([2, 0]);

    [Theory]
    [MemberData(nameof(Smooth))]
    public void First_and_second_derivatives_match_differences(string name)
    {
        using var scope = new TensorScope();
        var (function, at) = s_smooth[name];

        var first = GradientCheck.First(function, at);
        var second = GradientCheck.Second(function, at, Direction(at), 1e-6);

        Assert.True(first.Within(1e-7), "first: " + first);
        Assert.True(second.Within(1e-6), "second: " + second);
        Assert.Contains(first.Analytic, value => value != 0);
    }

    [Theory]
    [MemberData(nameof(Rough))]
    public void First_derivatives_match_differences(string name)
    {
        using var scope = new TensorScope();
        var (function, at) = s_rough[name];

        var first = GradientCheck.First(function, at);

        Assert.True(first.Within(1e-7), first.ToString());
        Assert.Contains(first.Analytic, value => value != 0);
    }

    [Fact]
    public void The_second_derivative_through_max_pooling_flows_to_the_maxima()
    {
        using var scope = new TensorScope();
        var at = One(1, 1, 4, 4);

        var second = GradientCheck.Second(p => Weighed(p["a"].Sin().MaxPool2d([2, 2]).Square()), at, Direction(at));

        Assert.True(second.Within(1e-6), second.ToString());
    }

    private static Tensor Positive(Tensor value) => value.Mm(value.T()) + Tensor.Eye(value.Size(0), DType.Float64);

    private static Parameters Direction(Parameters at) => at.Map(leaf => leaf.Mul(3.0).Sin() + 0.3);

    private static Parameters One(params long[] shape) => [new("a", Normal(11, shape))];

    private static Parameters Two(long[] first, long[] second) => [new("a", Normal(11, first)), new("b", Normal(13, second))];
}

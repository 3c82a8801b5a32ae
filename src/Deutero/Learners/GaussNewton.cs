using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>The Gauss-Newton matrix of <see cref="Objectives.Standard"/>: J'ΛJ, with J the derivative of the predictions and Λ the loss's curvature in them.</summary>
internal static class GaussNewton
{
    /// <summary>log det(I + J'ΛJ/q), shape <c>[]</c>, differentiable in the parameters.</summary>
    /// <remarks>
    /// With the rows R = Λ^½ J, one for each example and output, that is log det(I + RR'/q) by Sylvester: a matrix as large as there are predictions, not
    /// parameters.
    /// </remarks>
    /// <param name="outputs">From parameters to predictions, shape <c>[N, outputs]</c>.</param>
    /// <param name="at">The parameters.</param>
    /// <param name="examples">What the predictions are judged by.</param>
    /// <param name="precision">q, positive.</param>
    internal static Tensor LogDeterminant(Func<Parameters, Tensor> outputs, Parameters at, Examples examples, double precision)
    {
        var predictions = outputs(at);
        var (count, width) = (predictions.Size(0), predictions.Size(1));
        var seeds = Tensor.Eye(count * width, predictions.DType, predictions.Device).Reshape([count * width, count, width]);
        var jacobian = Tensor.Stack([.. Enumerable.Range(0, (int)(count * width)).Select(i => Transforms.Vjp(outputs, at, seeds[i]).Pullback.Flatten())]); // [N · outputs, P]
        var rows = examples.IsClassification
            ? Root(predictions).Matmul(jacobian.Reshape([count, width, -1])).Reshape([count * width, -1])
            : Math.Sqrt(2.0 / (count * width)) * jacobian;
        var gram = rows.Matmul(rows.T());
        return 2 * (Tensor.Eye(count * width, gram.DType, gram.Device) + (gram / precision)).LinalgCholesky().Diagonal().Log().Sum();
    }

    // B' with BB' = (diag(p) − pp')/N, the curvature of the mean cross-entropy: B = (diag(√p) − p√p')/√N. [N, outputs, outputs]
    private static Tensor Root(Tensor logits)
    {
        var roots = (0.5 * logits.LogSoftmax(-1)).Exp(); // its derivative is finite, that of a root of 0 is not
        var diagonal = roots.Unsqueeze(-1) * Tensor.Eye(logits.Size(1), logits.DType, logits.Device);
        return (diagonal - (roots.Unsqueeze(-1) * roots.Square().Unsqueeze(1))) / Math.Sqrt(logits.Size(0));
    }
}

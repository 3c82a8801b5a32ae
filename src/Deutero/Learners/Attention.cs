using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Attention with several heads (Vaswani et al., NeurIPS 2017), in parts, as learners restrict it in ways of their own.</summary>
internal static class Attention
{
    // What a score that does not count is lowered by.
    internal const double None = 1e9;

    // [N, H D] to [H, N, D]
    internal static Tensor Split(Tensor values, int heads) => values.Reshape([values.Size(0), heads, values.Size(1) / heads]).Transpose(0, 1);

    // [H, N, D] to [N, H D]
    internal static Tensor Merge(Tensor values) => values.Transpose(0, 1).Reshape([values.Size(1), values.Size(0) * values.Size(2)]);

    // Queries [H, M, D] and keys [H, T, D]: [H, M, T]
    internal static Tensor Scores(Tensor queries, Tensor keys) => queries.Matmul(keys.Transpose(1, 2)) / Math.Sqrt(keys.Size(2));
}

using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Full context embeddings: features of support examples, and of queries, that depend on the whole support set.</summary>
/// <remarks>The LSTM cell of the queries takes [f(x), r] as input and h as state, as public re-implementations do; the paper's state [h, r] is twice as wide as its output.</remarks>
internal static class ContextEmbedding
{
    internal static Parameters Init(Generator random, int width)
    {
        var bound = 1 / Math.Sqrt(width);
        return CoordinateLstm.Init(random, width, width, layers: 1, bound).Prefixed("forward")
            .With(CoordinateLstm.Init(random, width, width, layers: 1, bound).Prefixed("backward"))
            .With(CoordinateLstm.Init(random, 2 * width, width, layers: 1, bound).Prefixed("query"));
    }

    // [NK, D] to [NK, D]: the sum of what an LSTM has seen up to an example, of what another has seen from it on, and of the features themselves.
    internal static Tensor OfSupport(Parameters weights, Tensor features, int[] order)
    {
        var (forward, backward) = (new Tensor[order.Length], new Tensor[order.Length]);
        Read(weights.Under("forward"), features, order, forward);
        Read(weights.Under("backward"), features, [.. order.Reverse()], backward);
        return Tensor.Cat(forward) + Tensor.Cat(backward) + features;
    }

    // [M, D] to [M, D]: an LSTM that in every step attends to the support.
    internal static Tensor OfQueries(Parameters weights, Tensor features, Tensor support, int steps)
    {
        var (cell, state, read) = (weights.Under("query"), AtRest(features), features.ZerosLike());
        var hidden = features;
        for (var step = 0; step < steps; step++)
        {
            (var output, state) = CoordinateLstm.Step(cell, state, Tensor.Cat([features, read], 1));
            hidden = output + features;
            read = hidden.Matmul(support.T()).Softmax(-1).Matmul(support); // [M, D]
            state = state.With([new("output1", hidden)]);
        }

        return hidden;
    }

    private static void Read(Parameters cell, Tensor features, int[] order, Tensor[] outputs)
    {
        var state = AtRest(features.Narrow(0, 0, 1));
        foreach (var row in order)
        {
            (outputs[row], state) = CoordinateLstm.Step(cell, state, features.Narrow(0, row, 1)); // [1, D]
        }
    }

    private static Parameters AtRest(Tensor features) => [new("output1", features.ZerosLike()), new("cell1", features.ZerosLike())];
}

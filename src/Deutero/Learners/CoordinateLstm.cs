using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>
/// What learned optimisers share: a stack of LSTM layers (Hochreiter and Schmidhuber, 1997) with the same weights for every number that is optimised
/// and a state for each, and how it is shown gradients.
/// </summary>
internal static class CoordinateLstm
{
    internal static Parameters Init(Generator random, int inputs, int hidden, int layers, double bound)
    {
        var weights = new List<KeyValuePair<string, Tensor>>();
        for (var layer = 1; layer <= layers; layer++)
        {
            weights.Add(new($"lstm{layer}.weight", random.Uniform([4 * hidden, (layer == 1 ? inputs : hidden) + hidden], -bound, bound)));
            weights.Add(new($"lstm{layer}.bias", random.Uniform([4 * hidden], -bound, bound)));
        }

        return Parameters.Create(weights.ToArray());
    }

    // Outputs and cells of zero, [P, H] each, for the P numbers of `optimised`.
    internal static Parameters Rest(Parameters optimised, int hidden, int layers)
    {
        var like = optimised.Leaves[0];
        var zeros = Tensor.Zeros([optimised.ElementCount, hidden], like.DType, like.Device);
        return Parameters.Create([.. Enumerable.Range(1, layers).SelectMany(layer => new KeyValuePair<string, Tensor>[] { new($"output{layer}", zeros), new($"cell{layer}", zeros) })]);
    }

    // Inputs [P, I] to the last layer's outputs [P, H], and the state after them.
    internal static (Tensor Outputs, Parameters State) Step(Parameters weights, Parameters state, Tensor inputs)
    {
        var (values, next) = (inputs, new List<Tensor>());
        for (var layer = 1; layer <= state.Count / 2; layer++)
        {
            var seen = Tensor.Cat([values, state[$"output{layer}"]], 1);
            var gates = Transforms.Linear(seen, weights[$"lstm{layer}.weight"], weights[$"lstm{layer}.bias"]).Chunk(4, 1); // input, forget, candidate, output
            var cell = (gates[1].Sigmoid() * state[$"cell{layer}"]) + (gates[0].Sigmoid() * gates[2].Tanh());
            values = gates[3].Sigmoid() * cell.Tanh();
            next.AddRange([values, cell]);
        }

        return (values, state.WithLeaves(next));
    }

    // Numbers of any magnitude [P] as two of order one [P, 2]: (log|x| / p, sign x) where |x| is at least e^-p, and (-1, e^p x) below.
    internal static Tensor Preprocess(Tensor values, double p)
    {
        var least = Math.Exp(-p);
        return Tensor.Stack([values.Abs().Clamp(least).Log() / p, (values / least).Clamp(-1, 1)], -1);
    }
}

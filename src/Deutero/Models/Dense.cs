using Deutero.Torch;

namespace Deutero.Models;

/// <summary>The layers of vectors that learners add to a model, by the names of their parameters.</summary>
internal static class Dense
{
    // Weight [outputs, inputs] and bias of a linear layer, uniform within ±1/sqrt(inputs).
    internal static Parameters Linear(Generator random, string name, int inputs, int outputs)
    {
        var bound = 1 / Math.Sqrt(inputs);
        return [new($"{name}.weight", random.Uniform([outputs, inputs], -bound, bound)), new($"{name}.bias", random.Uniform([outputs], -bound, bound))];
    }

    // A layer once more under another name, with weights of its own: two maps that are alike before training compare what they map.
    internal static Parameters Twin(Parameters layer, string name, string twin) => layer.Under(name).Map(leaf => 1 * leaf).Prefixed(twin);

    // [N, inputs] to [N, outputs]
    internal static Tensor Linear(Parameters weights, string name, Tensor values) =>
        Transforms.Linear(values, weights[$"{name}.weight"], weights[$"{name}.bias"]);

    // Scale and shift of a layer norm (Ba, Kiros and Hinton, 2016).
    internal static Parameters Norm(string name, int width) => [new($"{name}.weight", Tensor.Ones([width])), new($"{name}.bias", Tensor.Zeros([width]))];

    // [N, width] to the same.
    internal static Tensor Norm(Parameters weights, string name, Tensor values) =>
        Tensor.LayerNorm(values, [values.Size(-1)], weights[$"{name}.weight"], weights[$"{name}.bias"]);
}

using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>
/// A predictor in two halves: an embedding, and a head that a support set was fitted to. Whoever serves many adaptations of one model can embed the queries
/// of all of them in one pass.
/// </summary>
internal sealed class FeaturePredictor(IModel model, Parameters parameters, Func<Tensor, Tensor> head)
{
    /// <summary>The embedding's parameters.</summary>
    internal Parameters Parameters => parameters;

    /// <summary>Inputs <c>[N, ...item]</c> to features <c>[N, D]</c>.</summary>
    internal Tensor Embed(Tensor inputs) => model.Forward(parameters, inputs);

    /// <summary>Features <c>[N, D]</c> to logits <c>[N, ways]</c>.</summary>
    internal Tensor Head(Tensor features) => head(features);

    internal Tensor Predict(Tensor inputs) => Head(Embed(inputs));
}

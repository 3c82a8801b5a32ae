using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>The inner loop of T-Net and MT-Net: every layer is y = T(Wx + b), of which a task adapts W and b alone.</summary>
/// <remarks>The layers are those with a matrix or a kernel. T of a convolution is a 1x1 convolution behind it, so that the model is that of weights TW and Tb.</remarks>
internal static class TransformedLayers
{
    private const string Prefix = "transforms";

    // The output units of each layer, by its name.
    internal static IEnumerable<(string Layer, long Units)> Of(Parameters start) => start
        .Where(item => item.Key.EndsWith(".weight", StringComparison.Ordinal) && item.Value.Rank > 1)
        .Select(item => (Episodic.LayerOf(item.Key), item.Value.Size(0)));

    internal static Parameters Init(Parameters start) =>
        Parameters.Create([.. Of(start).Select(item => KeyValuePair.Create($"{Prefix}.{item.Layer}", Tensor.Eye(item.Units)))]);

    /// <summary>Gradient descent on W and b, of a unit as much as its entry in the masks says, from the meta-parameters to one vector for each layer.</summary>
    internal static InnerLoop Descent(IModel model, Examples support, Objective objective, double rate, Func<Parameters, Parameters>? masks = null) => new(
        Start: theta => theta.Without(Prefix),
        Step: (theta, phi, _, constant) =>
        {
            var weights = phi.Where(name => theta.Contains($"{Prefix}.{Episodic.LayerOf(name)}"));
            var slope = Transforms.Grad(at => objective(model.Forward(Effective(theta, phi.With(at)), support.Inputs), support), weights, constant);
            return phi.With(weights - (rate * (masks is null ? slope : Masked(slope, masks(theta)))));
        },
        Predict: (theta, phi) => inputs => Episodic.ForwardBeside(model, Effective(theta, phi), support.Inputs, inputs));

    private static Parameters Effective(Parameters theta, Parameters weights)
    {
        var transforms = theta.Under(Prefix);
        return weights.Map((name, leaf) => transforms.Contains(Episodic.LayerOf(name))
            ? transforms[Episodic.LayerOf(name)].Matmul(leaf.Reshape([leaf.Size(0), -1])).Reshape([.. leaf.Shape]) // [out, out] [out, rest]
            : leaf);
    }

    private static Parameters Masked(Parameters slope, Parameters masks) => slope.Map((name, leaf) =>
        leaf * masks[Episodic.LayerOf(name)].Reshape([-1, .. Enumerable.Repeat(1L, leaf.Rank - 1)])); // [out, 1, ...]
}

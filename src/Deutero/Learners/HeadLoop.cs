using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>The inner loop of learners that adapt the last linear layer alone: the body embeds the support set once, and steps run on features.</summary>
internal static class HeadLoop
{
    private const string Features = "features";

    // The features are part of what the loop carries, because they depend on θ.
    internal static InnerLoop Of(
        IModel model, Examples support, Objective objective, double rate, Func<Parameters, Parameters> bodyOf, Func<Parameters, Parameters> headOf)
    {
        var body = model.WithShape([.. support.Inputs.Shape.Skip(1)], outputs: 0);
        return new(
            Start: theta => headOf(theta).With([new(Features, body.Forward(bodyOf(theta), support.Inputs))]), // [NK, D]
            Step: (_, phi, _, constant) =>
            {
                var (head, features) = (phi.Where(name => name != Features), phi[Features]);
                var slope = Transforms.Grad(at => objective(Apply(at, features), support), head, constant);
                return (head - (rate * slope)).With([new(Features, features)]);
            },
            Predict: (theta, phi) => inputs => Apply(phi, Episodic.ForwardBeside(body, bodyOf(theta), support.Inputs, inputs)));
    }

    private static Tensor Apply(Parameters head, Tensor features) => Tensor.Linear(features, head.Leaves[0], head.Leaves[1]);
}

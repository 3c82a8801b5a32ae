using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>The inner loop of learners that adapt the last linear layer alone: the body embeds the support set once, and steps run on features.</summary>
internal sealed record HeadLoop(Objective Objective, InnerOptimiser Optimiser, double Rate)
{
    private const string Features = "features";

    // The features are part of what the loop carries, because they depend on θ.
    internal InnerLoop On(IModel model, Examples support, Func<Parameters, Parameters> bodyOf, Func<Parameters, Parameters> headOf)
    {
        var body = model.WithShape([.. support.Inputs.Shape.Skip(1)], outputs: 0);

        // Made once for the θ of an adaptation, so that the predictors of its steps are seen to embed alike. The start makes its own: checkpointing frees that.
        (Parameters Theta, Parameters Body)? made = null;
        Parameters Made(Parameters theta)
        {
            if (!ReferenceEquals(made?.Theta, theta))
            {
                made = (theta, bodyOf(theta));
            }

            return made.Value.Body;
        }

        return new(
            Start: theta => Optimiser.Start(headOf(theta), Rate).With([new(Features, body.Forward(bodyOf(theta), support.Inputs))]), // [NK, D]
            Step: (_, phi, step, constant) =>
            {
                var (head, features) = (phi.Without(InnerOptimiser.State).Where(name => name != Features), phi[Features]);
                var slope = Transforms.Grad(at => Objective(Apply(at, features), support), head, constant);
                return Optimiser.Step(phi, head, slope, Rate, step);
            },
            Predict: (theta, phi) => body.BatchNorm == BatchNormPolicy.Episode
                ? inputs => Apply(phi, Episodic.ForwardBeside(body, bodyOf(theta), support.Inputs, inputs))
                : new FeaturePredictor(body, Made(theta), features => Apply(phi, features)).Predict);
    }

    private static Tensor Apply(Parameters head, Tensor features) => Tensor.Linear(features, head.Leaves[0], head.Leaves[1]);
}

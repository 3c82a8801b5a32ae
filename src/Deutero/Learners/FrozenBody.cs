using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>How CNAPs adapts a body that stays as it is: a set encoder makes a task vector of the support set, and FiLM modulates the body by it.</summary>
/// <remarks>
/// The task vector is relu(W m + b), with m the mean over the support's examples, whatever their labels, of what a network of two layers makes of their features
/// in the unmodulated body. All of it lies under <see cref="Prefix"/> among the meta-parameters.
/// </remarks>
internal static class FrozenBody
{
    internal const string Prefix = "adaptation";

    private const string Encoder = "encoder";
    private const string Shared = "shared";
    private const string Films = "film";

    // The standard deviation of what the scales and shifts are multiplied by at first: next to nothing.
    private const double Deviation = 1e-3;

    internal static Parameters Init(IModel model, int width, Generator random)
    {
        var body = model.Init(random);
        var added = Network(model.OutputWidth, width).Init(random).Prefixed(Encoder)
            .With(Dense.Linear(random, Shared, width, width))
            .With(Film.Init(body, width, units => random.Normal([units], Deviation), random).Prefixed(Films));
        return body.With(added.Prefixed(Prefix));
    }

    // The body for a task. Constants of every gradient, the frozen parameters themselves have one of exactly zero.
    internal static Parameters For(IModel model, Parameters theta, int width, Tensor support)
    {
        var (body, added) = (Episodic.OfModel(theta, Prefix).Detach(), theta.Under(Prefix));
        var features = model.Forward(body, support); // [NK, D]
        var mean = Network((int)features.Size(1), width).Forward(added.Under(Encoder), features).Mean([0], keepdim: true); // [1, width]
        return Film.Modulated(body, added.Under(Films), Dense.Linear(added, Shared, mean).Relu());
    }

    private static Mlp Network(int inputs, int width) => new() { Inputs = inputs, Hidden = [width], Outputs = width };
}

using Deutero.Models;
using Deutero.Optimisers;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Baseline: trains a fresh, randomly initialised model on the support set alone, with Adam.</summary>
public sealed record FromScratch : IMetaLearner
{
    /// <summary>Adam's rate; default 1e-3.</summary>
    public double InnerRate { get; init => field = Episodic.Positive(value, nameof(InnerRate)); } = 1e-3;

    /// <summary>Steps over the whole support set; default 50.</summary>
    public int Steps { get; init => field = Episodic.AtLeast(value, 1, nameof(Steps)); } = 50;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => Parameters.Empty;

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var optimiser = GradientTransform.Adam(InnerRate);
        var phi = Episodic.Drawn(model, support, random);
        var state = optimiser.Init(phi);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = new TensorScope();
            var gradient = Transforms.Grad(
                parameters => Objectives.Standard(model.Forward(parameters, support.Inputs), support), phi, constant: true);
            var (next, nextState) = optimiser.Step(phi, state, gradient);
            (phi, state) = (scope.Keep(next), scope.Keep(nextState));
        }

        return new([inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs)]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.NothingToLearn(theta, episode, Adapt(model, theta, episode.Support, random));
}

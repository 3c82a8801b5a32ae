using Deutero.Models;
using Deutero.Optimisers;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Baseline: trains a fresh, randomly initialised model on the support set alone, with Adam.</summary>
public sealed record FromScratch : IMetaLearner
{
    /// <summary>Adam's rate; default 1e-3.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 1e-3;

    /// <summary>Steps over the whole support set; default 50.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 50;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => Parameters.Empty;

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var phi = Episodic.Minimise(
            parameters => Objectives.Standard(model.Forward(parameters, support.Inputs), support),
            Episodic.Drawn(model, support, random), GradientTransform.Adam(InnerRate), Steps);
        return new([inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs)]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.NothingToLearn(theta, episode, Adapt(model, theta, episode.Support, random));
}

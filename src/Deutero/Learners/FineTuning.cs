using Deutero.Models;
using Deutero.Optimisers;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Fine-tuning: all of a body that was trained before, and a new last layer, are trained on the support set.</summary>
/// <remarks>
/// <para>The last layer starts with the class means of the support's features, brought to unit length, as weights; then Adam descends along the
/// cross-entropy of the support set. Nothing is meta-learned: the outer loop's direction is 0, and the body is that of another run (<c>startFrom</c> in a
/// configuration, with one iteration of training).</para>
/// <para><b>Differs from the paper:</b> without its transductive part, the entropy of queries; the last layer is fitted to the body's features instead
/// of to the logits of its first training.</para>
/// </remarks>
[Paper("Dhillon, Chaudhari, Ravichandran and Soatto: A Baseline for Few-Shot Image Classification", "ICLR 2020", "https://arxiv.org/abs/1909.02729")]
[NotAGradient("0: the body is changed for a task alone")]
public sealed record FineTuning : IMetaLearner
{
    private const string Prefix = "head";

    /// <summary>Adam's rate, positive; default 5e-5, the paper's for large bodies.</summary>
    public double Rate { get; init => field = Setting.Positive(value, nameof(Rate)); } = 5e-5;

    /// <summary>Steps over the whole support set, at least 0; default 25.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 0, nameof(Steps)); } = 25;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: the last layer's weights are class means.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "Fine-tuning");
        var means = Similarities.Unit(support.ClassMeans(model.Forward(theta, support.Inputs))).Detach(); // [N, D]
        Parameters head = [new("weight", means), new("bias", means.Sum([1]).ZerosLike())];
        var phi = Episodic.Minimise(
            at => Objectives.CrossEntropy(Apply(at, model.Forward(at, support.Inputs)), support),
            theta.Detach().With(head.Prefixed(Prefix)), GradientTransform.Adam(Rate), Steps);
        return new([inputs => Apply(phi, Episodic.ForwardBeside(model, phi, support.Inputs, inputs))]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.NothingToLearn(theta, episode, Adapt(model, theta, episode.Support, random));

    private static Tensor Apply(Parameters phi, Tensor features) => Transforms.Linear(features, phi[$"{Prefix}.weight"], phi[$"{Prefix}.bias"]);
}

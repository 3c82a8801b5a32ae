using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>MT-Net: <see cref="TNet"/> that also learns which units a task adapts at all.</summary>
/// <remarks>
/// <para>Each inner step is (W, b) ← (W, b) − α M ⊙ ∇L(W, b; S), with a mask M of zeros and ones that all weights and the bias of an output unit
/// share. M is 1 with probability σ(ζ), ζ (<c>masks.*</c>, at first <see cref="FirstLogit"/>) is learned by the outer loop alone. It is drawn once for a task: M = 1[ζ + l > 0],
/// with l logistic noise, which is the two-way Gumbel softmax.</para>
/// <para>The direction of ζ is the straight-through one, in which dM/dζ is σ'(ζ + l); every other one is the gradient with M as drawn.</para>
/// <para><b>Differs from the authors' program:</b> as <see cref="TNet"/> does; and the tasks of one meta-batch share their noise, as they share their
/// generator.</para>
/// <para><b>Cost:</b> as <see cref="Maml"/>.</para>
/// </remarks>
[Paper("Lee and Choi: Gradient-Based Meta-Learning with Learned Layerwise Metric and Subspace", "ICML 2018", "https://arxiv.org/abs/1801.05558")]
[NotAGradient("the gradient, with dM/dζ = σ'(ζ + l) of the masks M = 1[ζ + l > 0]")]
public sealed record MtNet : IUnrolledLearner
{
    private const string Masks = "masks";

    /// <summary>The inner learning rate α, for a loss that is a mean; default 0.5.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>Inner steps in meta-training; default 1.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>What the mask logits ζ start with: 0, the default and the paper's, lets half of the units adapt; more suits a start that was trained to adapt all.</summary>
    public double FirstLogit { get; init; }

    /// <summary>What the meta-gradient flows through; default all inner steps.</summary>
    public Unrolling Unrolling { get; init; } = new Unrolling.Full();

    /// <summary>The loss of both loops; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var start = model.Init(random);
        var masks = TransformedLayers.Of(start).Select(item => KeyValuePair.Create(item.Layer, Tensor.Full([item.Units], FirstLogit))).ToArray();
        return start.With(TransformedLayers.Init(start)).With(Parameters.Create(masks).Prefixed(Masks));
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, theta, support, random).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, theta, episode.Support, random).MetaGradient(theta, Steps, Unrolling, episode.Query, Objective);

    // The noise is drawn before the first step: all steps and the queries see one mask.
    private InnerLoop Descent(IModel model, Parameters structure, Examples support, Generator random)
    {
        var noise = structure.Under(Masks).Map(leaf => random.Uniform([.. leaf.Shape], dtype: leaf.DType).To(leaf.Device)).Map(u => u.Log() - (1 - u).Log());
        return TransformedLayers.Descent(model, support, Objective, InnerRate, theta => theta.Under(Masks).Zip(noise, Mask));
    }

    private static Tensor Mask(Tensor logit, Tensor noise)
    {
        var kept = (logit + noise).Sigmoid();
        return (logit + noise).Gt((Scalar)0).To(logit.DType) + (kept - kept.Detach()); // the last is 0, with a derivative
    }
}

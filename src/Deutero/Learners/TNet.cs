using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>T-Net: MAML in which every layer is followed by a learned linear map, which shapes the gradients of what a task adapts.</summary>
/// <remarks>
/// <para>A layer is y = T(Wx + b), the last one too. Each inner step is (W, b) ← (W, b) − α ∇L(W, b; S), with T (<c>transforms.*</c>, shape
/// <c>[outputs, outputs]</c>, at first the identity) learned by the outer loop alone: TW moves along TTᵀ ∇L, a learned metric. The meta-gradient flows
/// through every step. The scale and shift of BatchNorm, which comes behind T, are not adapted.</para>
/// <para><b>Differs from the authors' program:</b> as <see cref="Maml"/> does, in the scale of the inner loss.</para>
/// <para><b>Cost:</b> as <see cref="Maml"/>; T is multiplied with W, not with the layer's outputs.</para>
/// </remarks>
[Paper("Lee and Choi: Gradient-Based Meta-Learning with Learned Layerwise Metric and Subspace", "ICML 2018", "https://arxiv.org/abs/1801.05558")]
public sealed record TNet : IUnrolledLearner
{
    /// <summary>The inner learning rate α, for a loss that is a mean; default 0.5.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>Inner steps in meta-training; default 1.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

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
        return start.With(TransformedLayers.Init(start));
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, episode.Support).MetaGradient(theta, Steps, Unrolling, episode.Query, Objective);

    private InnerLoop Descent(IModel model, Examples support) => TransformedLayers.Descent(model, support, Objective, InnerRate);
}

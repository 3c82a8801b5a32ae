using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>MAML that also learns the inner learning rates, one for each number: the direction of a step as well as its size.</summary>
/// <remarks>
/// <para>An inner step is φ ← φ − α ⊙ ∇L(φ; S), with α of φ's shape, a part of θ (<c>rates.*</c>) and free to become negative. The meta-gradient of
/// L(φ; Q) flows into both; after one step that to α is −∇L(θ; S) ⊙ ∇L(φ; Q).</para>
/// <para>The rates are learned for <see cref="Steps"/> steps: with more of them at evaluation the inner loop usually diverges.</para>
/// <para><b>Differs from the paper:</b> every parameter is adapted, the scale and shift of BatchNorm too; the paper has one step only.</para>
/// <para><b>Cost:</b> as <see cref="Maml"/>, with twice the meta-parameters.</para>
/// </remarks>
[Paper("Li, Zhou, Chen and Li: Meta-SGD: Learning to Learn Quickly for Few-Shot Learning", "arXiv 2017", "https://arxiv.org/abs/1707.09835")]
public sealed record MetaSgd : IUnrolledLearner
{
    private const string Rates = "rates";

    /// <summary>The least learning rate α at the start, for a loss that is a mean; default 0.005, the paper's.</summary>
    public double SmallestRate { get; init => field = Setting.Positive(value, nameof(SmallestRate)); } = 0.005;

    /// <summary>The greatest learning rate α at the start, for a loss that is a mean; default 0.1, the paper's.</summary>
    public double GreatestRate { get; init => field = Setting.Positive(value, nameof(GreatestRate)); } = 0.1;

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
        return start.With(start.Map(leaf => random.Uniform([.. leaf.Shape], SmallestRate, GreatestRate)).Prefixed(Rates));
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, episode.Support).MetaGradient(theta, Steps, Unrolling, episode.Query, Objective);

    private InnerLoop Descent(IModel model, Examples support)
    {
        Tensor Loss(Parameters phi) => Objective(model.Forward(phi, support.Inputs), support);
        return new(
            Start: theta => theta.Without(Rates),
            Step: (theta, phi, _, constant) => phi - (theta.Under(Rates) * Transforms.Grad(Loss, phi, constant)),
            Predict: (_, phi) => inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs));
    }
}

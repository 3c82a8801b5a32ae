using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Almost no inner loop: MAML in which only the last linear layer, the head, is adapted; the body is learned by the outer loop alone.</summary>
/// <remarks>
/// <para>Each inner step is w ← w − α ∇L(w; f(S)), with w the head's weight and bias and f the body; the meta-gradient flows through every step, into
/// the body along the query's features and along the support's.</para>
/// <para><b>Differs from the authors' program:</b> as <see cref="Maml"/> does, in the scale of the inner loss.</para>
/// <para><b>Cost:</b> the body does not change in the inner loop, so it embeds the support set once and the queries once, and steps run on features.</para>
/// </remarks>
[Paper("Raghu, Raghu, Bengio and Vinyals: Rapid Learning or Feature Reuse? Towards Understanding the Effectiveness of MAML", "ICLR 2020", "https://arxiv.org/abs/1909.09157")]
public sealed record Anil : IUnrolledLearner
{
    /// <summary>The inner learning rate α, for a loss that is a mean; default 0.1.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.1;

    /// <summary>What the inner loop descends with, at the rate α; default <see cref="InnerOptimiser.Sgd"/>, the paper's.</summary>
    public InnerOptimiser InnerOptimiser { get; init; } = new InnerOptimiser.Sgd();

    /// <summary>Inner steps in meta-training; default 5.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 5;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>What the meta-gradient flows through; default all inner steps, which are cheap on features.</summary>
    public Unrolling Unrolling { get; init; } = new Unrolling.Full();

    /// <summary>The loss of both loops; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The model does not end in a linear layer.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The model does not end in a linear layer.</exception>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, episode.Support).MetaGradient(theta, Steps, Unrolling, episode.Query, Objective);

    private InnerLoop Descent(IModel model, Examples support) =>
        new HeadLoop(Objective, InnerOptimiser, InnerRate).On(model, support, bodyOf: theta => theta, headOf: Episodic.HeadOf);
}

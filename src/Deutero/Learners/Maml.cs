using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Model-agnostic meta-learning: learns an initialisation from which a few gradient steps solve a new task.</summary>
/// <remarks>
/// <para>Each inner step is φ ← φ − α ∇L(φ; S), from φ = θ; the meta-gradient of L(φ; Q) flows through every step.</para>
/// <para><b>Differs from the authors' program:</b> every parameter is adapted, the scale and shift of BatchNorm too; and the loss is a mean
/// over the support set, where theirs is N times that, so that their rate 0.4 for 5-way Omniglot is 2.0 here.</para>
/// <para><b>Cost:</b> the graph of all inner steps is alive during the outer gradient, unless <see cref="Unrolling"/> says otherwise.</para>
/// </remarks>
[Paper("Finn, Abbeel and Levine: Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", "ICML 2017", "https://arxiv.org/abs/1703.03400")]
public sealed record Maml : IUnrolledLearner
{
    /// <summary>The inner learning rate α, for a loss that is a mean; default 0.5.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>What the inner loop descends with, at the rate α; default <see cref="InnerOptimiser.Sgd"/>, the paper's.</summary>
    public InnerOptimiser InnerOptimiser { get; init; } = new InnerOptimiser.Sgd();

    /// <summary>Inner steps in meta-training; default 1.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>What the meta-gradient flows through; <see cref="Unrolling.FirstOrder"/> is the paper's approximation; default all inner steps.</summary>
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
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, episode.Support).MetaGradient(theta, Steps, Unrolling, episode.Query, Objective);

    private InnerLoop Descent(IModel model, Examples support)
    {
        Tensor Loss(Parameters phi) => Objective(model.Forward(phi, support.Inputs), support);
        return new(
            Start: theta => InnerOptimiser.Start(theta, InnerRate),
            Step: (_, phi, step, constant) =>
            {
                var weights = phi.Without(InnerOptimiser.State);
                return InnerOptimiser.Step(phi, weights, Transforms.Grad(Loss, weights, constant), InnerRate, step);
            },
            Predict: (_, phi) => inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs));
    }
}

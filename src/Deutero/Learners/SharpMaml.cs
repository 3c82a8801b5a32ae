using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>MAML that looks for flat minima: gradients of either loop are taken a little uphill of where they are applied.</summary>
/// <remarks>
/// <para>Each inner step is φ ← φ − α ∇L(φ + ε; S), with ε = ρ g/||g|| for g = ∇L(φ; S), a constant of the meta-gradient. The direction is that
/// meta-gradient at θ + ε', with ε' the same multiple of the meta-gradient at θ. Norms are over all tensors jointly. Without either radius it is
/// <see cref="Maml"/>.</para>
/// <para><b>Differs from the paper:</b> the outer perturbation is each task's own, where theirs is that of the whole meta-batch; and the second
/// pass computes the inner perturbations at its own parameters. The authors' program differentiates through the inner ones
/// (<see cref="ThroughPerturbation"/>).</para>
/// <para><b>Cost:</b> twice the gradients of MAML for each radius that is not 0.</para>
/// </remarks>
[Paper("Abbas, Xiao, Chen, Chen and Chen: Sharp-MAML: Sharpness-Aware Model-Agnostic Meta Learning", "ICML 2022", "https://arxiv.org/abs/2206.03996")]
[NotAGradient("g(θ + ρ g(θ)/||g(θ)||), with g the meta-gradient of steps φ − α ∇L(φ + ε; S), whose ε = ρ ∇L(φ; S)/||∇L(φ; S)|| are constants")]
public sealed record SharpMaml : IUnrolledLearner
{
    /// <summary>The inner learning rate α, for a loss that is a mean; default 0.5.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>Inner steps in meta-training; default 1.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>The radius ρ of the inner loop, the norm of its perturbations; 0 leaves them out; default 0.05.</summary>
    public double InnerRadius { get; init => field = Setting.NotNegative(value, nameof(InnerRadius)); } = 0.05;

    /// <summary>The radius ρ of the outer loop; 0 leaves its perturbation out; default 0.05.</summary>
    public double OuterRadius { get; init => field = Setting.NotNegative(value, nameof(OuterRadius)); } = 0.05;

    /// <summary>Whether the meta-gradient flows through the inner perturbations, too; default false.</summary>
    public bool ThroughPerturbation { get; init; }

    /// <summary>What the meta-gradient flows through; default all inner steps.</summary>
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
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        MetaGradient At(Parameters start) => Descent(model, episode.Support).MetaGradient(start, Steps, Unrolling, episode.Query, Objective);
        var here = At(theta);
        return OuterRadius == 0 ? here : here with { Direction = At(theta + Perturbation(here.Direction, OuterRadius)).Direction };
    }

    private InnerLoop Descent(IModel model, Examples support)
    {
        Tensor Loss(Parameters phi) => Objective(model.Forward(phi, support.Inputs), support);
        Parameters Uphill(Parameters phi, bool constant) =>
            InnerRadius == 0 ? phi : phi + Perturbation(Transforms.Grad(Loss, phi, constant || !ThroughPerturbation), InnerRadius);
        return new(
            Start: theta => theta,
            Step: (_, phi, _, constant) => phi - (InnerRate * Transforms.Grad(Loss, Uphill(phi, constant), constant)),
            Predict: (_, phi) => inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs));
    }

    // The small number keeps the quotient, and its derivative, finite where the gradient is 0.
    private static Parameters Perturbation(Parameters gradient, double radius) => (radius / (gradient.Dot(gradient) + 1e-24).Sqrt()) * gradient;
}

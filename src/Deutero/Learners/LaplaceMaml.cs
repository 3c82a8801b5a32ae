using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>MAML read as hierarchical Bayes: the outer loss has Laplace's correction for how uncertain the adapted parameters are.</summary>
/// <remarks>
/// <para>The inner steps find, roughly, the most probable φ given the support set and a Gaussian around θ. Of the evidence that Laplace's approximation
/// gives, the outer loss keeps two terms: L(φ; Q) + η log det(I + G/q), with G the Gauss-Newton matrix of the support's loss at φ, which is positive
/// semidefinite, and q the precision of that Gaussian. With η = 0 it is <see cref="Maml"/>. The loss that is reported is L(φ; Q).</para>
/// <para><b>Differs from the paper</b> (whose learner is called LLAMA): the Gauss-Newton matrix is exact, through its Gram matrix, instead of an
/// approximation by Kronecker factors; its curvature is that of <see cref="Objectives.Standard"/>; and the terms that do not depend on θ are left out.</para>
/// <para><b>Cost:</b> beside MAML's, a forward and a backward pass for every support example and class, all alive during the outer gradient.</para>
/// </remarks>
[Paper("Grant, Finn, Levine, Darrell and Griffiths: Recasting Gradient-Based Meta-Learning as Hierarchical Bayes", "ICLR 2018", "https://arxiv.org/abs/1801.08930")]
[NotAGradient("∇(L(φ; Q) + η log det(I + G/q)), with G the Gauss-Newton matrix of the support's loss at the adapted parameters φ")]
public sealed record LaplaceMaml : IUnrolledLearner
{
    /// <summary>The inner learning rate α, for a loss that is a mean; default 0.5.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>Inner steps in meta-training; default 1.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>The weight η of the log-determinant, at least 0; default 1e-6.</summary>
    public double Weight { get; init => field = Setting.NotNegative(value, nameof(Weight)); } = 1e-6;

    /// <summary>The precision q of the Gaussian around θ, for a loss that is a mean, positive; default 1.</summary>
    public double Precision { get; init => field = Setting.Positive(value, nameof(Precision)); } = 1;

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
        var (support, query) = (episode.Support, episode.Query);
        var descent = Descent(model, support);
        var result = descent.MetaGradient(theta, Steps, Unrolling, (meta, phi) =>
        {
            var predictions = descent.Predict(meta, phi)(query.Inputs);
            var loss = Objective(predictions, query);
            return (Weight == 0 ? loss : loss + (Weight * GaussNewton.LogDeterminant(at => model.Forward(at, support.Inputs), phi, support, Precision)), predictions);
        });
        return result with { Loss = Objective(result.Predictions, query) };
    }

    private InnerLoop Descent(IModel model, Examples support)
    {
        Tensor Loss(Parameters phi) => Objective(model.Forward(phi, support.Inputs), support);
        return new(
            Start: theta => theta,
            Step: (_, phi, _, constant) => phi - (InnerRate * Transforms.Grad(Loss, phi, constant)),
            Predict: (_, phi) => inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs));
    }
}

using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Body only update in the inner loop: MAML in which all but the last linear layer is adapted, so that the representation has to change.</summary>
/// <remarks>
/// <para>Each inner step is b ← b − α ∇L(b, w; S), with b the body and w the head's weight and bias, which are learned by the outer loop alone; the
/// meta-gradient flows through every step. It is the opposite of <see cref="Anil"/>.</para>
/// <para><b>Differs from the authors' program:</b> nothing; the paper's networks normalise by the batch at hand, in evaluation too, which is
/// <see cref="BatchNormPolicy.Split"/>.</para>
/// <para><b>Cost:</b> as <see cref="Maml"/>.</para>
/// </remarks>
[Paper("Oh, Yoo, Kim and Yun: BOIL: Towards Representation Change for Few-shot Learning", "ICLR 2021", "https://arxiv.org/abs/2008.08882")]
public sealed record Boil : IUnrolledLearner
{
    /// <summary>The inner learning rate α of the body, for a loss that is a mean; default 0.5, the paper's for Conv4.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>What the inner loop descends with, at the rate α; default <see cref="InnerOptimiser.Sgd"/>, the paper's.</summary>
    public InnerOptimiser InnerOptimiser { get; init; } = new InnerOptimiser.Sgd();

    /// <summary>Inner steps in meta-training; default 1, the paper's.</summary>
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
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The model is not a body with a linear layer behind it.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, theta, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The model is not a body with a linear layer behind it.</exception>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, theta, episode.Support).MetaGradient(theta, Steps, Unrolling, episode.Query, Objective);

    private InnerLoop Descent(IModel model, Parameters structure, Examples support)
    {
        var head = Episodic.HeadOf(structure);
        if (head.Count == structure.Count)
        {
            throw new ArgumentException($"BOIL adapts the body before the last linear layer, but the parameters are {string.Join(", ", structure.Names)} alone.");
        }

        Parameters BodyOf(Parameters phi) => phi.Without(InnerOptimiser.State).Where(name => !head.Contains(name));
        return new(
            Start: theta => theta.With(InnerOptimiser.Start(BodyOf(theta), InnerRate)),
            Step: (_, phi, step, constant) =>
            {
                var body = BodyOf(phi);
                var slope = Transforms.Grad(at => Objective(model.Forward(phi.With(at), support.Inputs), support), body, constant);
                return InnerOptimiser.Step(phi, body, slope, InnerRate, step);
            },
            Predict: (_, phi) => inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs));
    }
}

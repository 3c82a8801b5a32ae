using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Bayesian MAML: an ensemble of initialisations that adapt together by Stein variational gradient descent, to a posterior instead of a point.</summary>
/// <remarks>
/// <para>Each inner step moves every particle, φ_m ← φ_m + ε/M Σ_j [k(φ_j, φ_m) ∇log p(S | φ_j) + ∇_φj k(φ_j, φ_m)], with log p = −L. The chaser is where n steps
/// on S lead; the leader goes s steps further, on S and Q. The outer loop descends along the gradient of Σ_m ||chaser_m − leader_m||² through the
/// chaser's steps, with the leader and the kernels' bandwidths h = median of ||φ_i − φ_j||² / log M held fixed.</para>
/// <para>Predictions are means over the particles: of values, or of probabilities, given as their logarithms. The loss that is reported is theirs.</para>
/// <para><b>Differs from the paper:</b> log-likelihoods are those of an average example; no priors, and no precisions beside the weights.</para>
/// <para><b>Cost:</b> that of M times <see cref="Maml"/>, and the leader's steps without a graph.</para>
/// </remarks>
[Paper("Yoon, Kim, Dia, Kim, Bengio and Ahn: Bayesian Model-Agnostic Meta-Learning", "NeurIPS 2018", "https://arxiv.org/abs/1806.03836")]
[NotAGradient("the gradient of the chaser loss (or of −log mean p(Q)) with the leader and the kernels' bandwidths held fixed")]
public sealed record Bmaml : IUnrolledLearner
{
    /// <summary>The particles M, at least 1; default 5.</summary>
    public int Particles { get; init => field = Setting.AtLeast(value, 1, nameof(Particles)); } = 5;

    /// <summary>The rate ε of a step; a particle far from all others moves by ε/M of its own gradient; default 0.5.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>The chaser's steps n in meta-training, at least 1; default 1, the paper's.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>The leader's further steps s, at least 1; default 1, the paper's.</summary>
    public int LeaderSteps { get; init => field = Setting.AtLeast(value, 1, nameof(LeaderSteps)); } = 1;

    /// <summary>What the outer loop minimises; default the chaser loss.</summary>
    public BmamlLoss Loss { get; init; }

    /// <summary>Whether particles repel by the kernel's gradient; false is half of it, as in the authors' program; default true.</summary>
    public bool FullRepulsion { get; init; } = true;

    /// <summary>What the meta-gradient flows through; default all inner steps.</summary>
    public Unrolling Unrolling { get; init; } = new Unrolling.Full();

    /// <summary>The loss L of one particle; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) =>
        Enumerable.Range(0, Particles).Aggregate(Parameters.Empty, (all, m) => all.With(model.Init(random).Prefixed(Name(m))));

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var descent = Descent(model, episode.Support);
        var result = descent.MetaGradient(theta, Steps, Unrolling, (meta, chaser) =>
        {
            var loss = Loss == BmamlLoss.Chaser ? ChaserLoss(model, chaser, episode) : LikelihoodLoss(model, chaser, episode);
            return (loss, descent.Predict(meta, chaser)(episode.Query.Inputs));
        });
        return result with { Loss = Objectives.Standard(result.Predictions, episode.Query) };
    }

    private InnerLoop Descent(IModel model, Examples support) =>
        new(
            Start: theta => theta,
            Step: (_, phi, _, constant) => Moved(model, phi, support, constant),
            Predict: (_, phi) => inputs => Episodic.MeanPrediction(
                [.. Of(phi).Select(particle => Episodic.ForwardBeside(model, particle, support.Inputs, inputs))], support.IsClassification));

    private Parameters Moved(IModel model, Parameters phi, Examples examples, bool constant)
    {
        Tensor Sum(Parameters at) => Of(at).Select(particle => Objective(model.Forward(particle, examples.Inputs), examples)).Aggregate((sum, next) => sum + next);
        var slopes = Matrix(Transforms.Grad(Sum, phi, constant));
        var direction = SteinDescent.Direction(Matrix(phi), -slopes, FullRepulsion ? 2 : 1); // [M, D]
        return phi + (InnerRate * phi.Unflatten(direction.Reshape([-1])));
    }

    private Tensor ChaserLoss(IModel model, Parameters chaser, Episode episode)
    {
        var (leader, everything) = (chaser.Detach(), episode.Support.Concat(episode.Query));
        for (var step = 0; step < LeaderSteps; step++)
        {
            leader = Moved(model, leader, everything, constant: true);
        }

        return (chaser.Flatten() - leader.Flatten()).Square().Sum();
    }

    private Tensor LikelihoodLoss(IModel model, Parameters phi, Episode episode)
    {
        var losses = Of(phi).Select(particle =>
            Objective(Episodic.ForwardBeside(model, particle, episode.Support.Inputs, episode.Query.Inputs), episode.Query));
        return Math.Log(Particles) - (-Tensor.Stack([.. losses])).Logsumexp([0]);
    }

    private static string Name(int m) => $"particle{m}";

    internal IEnumerable<Parameters> Of(Parameters phi) => Enumerable.Range(0, Particles).Select(m => phi.Under(Name(m)));

    // Particles come one after the other: [M, D].
    private Tensor Matrix(Parameters phi) => phi.Flatten().Reshape([Particles, -1]);
}

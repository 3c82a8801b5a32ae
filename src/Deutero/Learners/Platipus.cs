using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Probabilistic MAML: a Gaussian over initialisations, of which each task draws its own before it adapts.</summary>
/// <remarks>
/// <para>In meta-training an initialisation is drawn from q = N(μ − γ_q ∇L(μ; Q), v²), φ takes K steps φ ← φ − α ∇L(φ; S) from there, and the outer loop
/// descends along the gradient of L(φ; Q) + w KL(q ‖ p), with p = N(μ − γ_p ∇L(μ; S), σ²); it learns μ, log σ, log v and the logarithms of the two
/// rates. Everything is differentiated, unless <see cref="Unrolling"/> says otherwise of the K steps. A new task draws from p.</para>
/// <para>Predictions are means over the samples: of values, or of probabilities, given as their logarithms.</para>
/// <para><b>Differs from the paper:</b> the losses are means over examples, and w is a setting. The loss that is reported is L(φ; Q).</para>
/// <para><b>Cost:</b> in meta-training that of <see cref="Maml"/> with two more gradients; in adaptation that of <see cref="Samples"/> times MAML.</para>
/// </remarks>
[Paper("Finn, Xu and Levine: Probabilistic Model-Agnostic Meta-Learning", "NeurIPS 2018", "https://arxiv.org/abs/1806.02817")]
[NotAGradient("the gradient of the query loss and the weighted divergence KL(q ‖ p)")]
public sealed record Platipus : IUnrolledLearner
{
    private const string Prior = "prior";
    private const string Posterior = "posterior";
    private const string Rates = "rates";
    private const string Divergence = "divergence";

    /// <summary>The inner learning rate α, for a loss that is a mean; default 0.5.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>Inner steps K in meta-training; default 1.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>The initialisations drawn for a new task, at least 1; default 10.</summary>
    public int Samples { get; init => field = Setting.AtLeast(value, 1, nameof(Samples)); } = 10;

    /// <summary>The standard deviations σ and v before training, positive; default 0.02, about exp(−4).</summary>
    public double Deviation { get; init => field = Setting.Positive(value, nameof(Deviation)); } = 0.02;

    /// <summary>The rates γ_p and γ_q before training, positive; default 0.01.</summary>
    public double ShiftRate { get; init => field = Setting.Positive(value, nameof(ShiftRate)); } = 0.01;

    /// <summary>The weight w of the divergence, which is a sum over all parameters, at least 0; default 0.01: a query set counts as 100 examples.</summary>
    public double DivergenceWeight { get; init => field = Setting.NotNegative(value, nameof(DivergenceWeight)); } = 0.01;

    /// <summary>What the meta-gradient flows through; default all inner steps.</summary>
    public Unrolling Unrolling { get; init; } = new Unrolling.Full();

    /// <summary>The loss L; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var mean = model.Init(random);
        var deviation = mean.Map(leaf => leaf.ZerosLike() + Math.Log(Deviation));
        Parameters rates = [new(Prior, Tensor.Of(Math.Log(ShiftRate))), new(Posterior, Tensor.Of(Math.Log(ShiftRate)))];
        return mean.With(deviation.Prefixed(Prior)).With(deviation.Prefixed(Posterior)).With(rates.Prefixed(Rates));
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var steps = EvaluationSteps > 0 ? EvaluationSteps : Steps;
        var samples = Enumerable.Range(0, Samples)
            .Select(_ => Descent(model, support, Noise(theta, random), Prior, support).Adapt(theta, steps, Unrolling))
            .ToArray();
        Predictor Mean(int step) => inputs => Episodic.MeanPrediction([.. samples.Select(sample => sample.Path[step](inputs))], support.IsClassification);
        return new([.. Enumerable.Range(0, steps + 1).Select(Mean)]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var descent = Descent(model, episode.Support, Noise(theta, random), Posterior, episode.Query);
        var result = descent.MetaGradient(theta, Steps, Unrolling, (meta, phi) =>
        {
            var predictions = descent.Predict(meta, phi)(episode.Query.Inputs);
            return (Objective(predictions, episode.Query) + (DivergenceWeight * phi[Divergence]), predictions);
        });
        return result with { Loss = Objective(result.Predictions, episode.Query) };
    }

    // From a sample of p or q, which moves by its gradient on some examples. The divergence depends on θ alone and is carried along.
    private InnerLoop Descent(IModel model, Examples support, Parameters noise, string source, Examples seen)
    {
        Tensor Loss(Parameters phi) => Objective(model.Forward(phi, support.Inputs), support);
        return new(
            Start: theta =>
            {
                var start = Shifted(model, theta, source, seen) + (Deviations(theta, source) * noise);
                return source == Prior ? start : start.With([new(Divergence, Kl(model, theta, support, seen))]);
            },
            Step: (_, phi, _, constant) =>
            {
                var weights = phi.Where(name => name != Divergence);
                return phi.With(weights - (InnerRate * Transforms.Grad(Loss, weights, constant)));
            },
            Predict: (_, phi) => inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs));
    }

    // μ − γ ∇L(μ; examples).
    private Parameters Shifted(IModel model, Parameters theta, string source, Examples examples) =>
        Mean(theta) - (theta[$"{Rates}.{source}"].Exp() * Transforms.Grad(at => Objective(model.Forward(at, examples.Inputs), examples), Mean(theta)));

    private Tensor Kl(IModel model, Parameters theta, Examples support, Examples query) => Gaussian(
        Shifted(model, theta, Posterior, query), theta.Under(Posterior), Shifted(model, theta, Prior, support), theta.Under(Prior));

    // KL(N(a, e^2s) ‖ N(b, e^2t)) = Σ t − s + (e^2s + (a − b)²) / 2 e^2t − 1/2, shape [].
    internal static Tensor Gaussian(Parameters mean, Parameters logDeviation, Parameters otherMean, Parameters otherLogDeviation)
    {
        var (a, s, b, t) = (mean.Flatten(), logDeviation.Flatten(), otherMean.Flatten(), otherLogDeviation.Flatten());
        return (t - s + (((2 * s).Exp() + (a - b).Square()) * (-2 * t).Exp() * 0.5) - 0.5).Sum();
    }

    private static Parameters Noise(Parameters theta, Generator random)
    {
        var mean = Mean(theta);
        return mean.Unflatten(random.Normal([mean.ElementCount]).To(mean.Leaves[0].DType).To(mean.Leaves[0].Device));
    }

    private static Parameters Mean(Parameters theta) => theta.Without(Prior).Without(Posterior).Without(Rates);

    private static Parameters Deviations(Parameters theta, string source) => theta.Under(source).Map(leaf => leaf.Exp());
}

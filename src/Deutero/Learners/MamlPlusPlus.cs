using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>MAML++: MAML with what makes its training stable, a loss after every inner step at first, learned rates, and a BatchNorm scale and shift for each step.</summary>
/// <remarks>
/// <para>Inner step k is φ ← φ − α_k ∇L(φ; S) with a learned α for each tensor and step (<c>rates.*</c>, shape <c>[K]</c>), which may become negative.
/// The scale and shift of BatchNorm are learned for each step (those after the first in <c>later.*</c>, shape <c>[K − 1, C]</c>) and not adapted;
/// predictions after a step normalise by its own.</para>
/// <para>Meta-training is divided into <see cref="Epochs"/>. In the first <see cref="MultiStepEpochs"/> E the outer loss is Σ w_k L(φ_k; Q), in epoch e with
/// w_k = max(1/K − e/(KE), 0.03/K) but for the last step, which has the rest of 1; later it is that of the last step alone. In the first
/// <see cref="FirstOrderEpochs"/> inner gradients are constants.</para>
/// <para><b>Differs from the authors' program:</b> their running statistics of each step, which nothing is normalised by, are left out; a
/// single model is evaluated, where theirs averages five. The outer rate's annealing is the outer loop's cosine schedule.</para>
/// <para><b>Cost:</b> as <see cref="Maml"/>; a pass over the query set for each inner step while all have a loss.</para>
/// </remarks>
[Paper("Antoniou, Edwards and Storkey: How to Train Your MAML", "ICLR 2019", "https://arxiv.org/abs/1810.09502")]
public sealed record MamlPlusPlus : IUnrolledLearner, IAnnealedLearner
{
    private const string Rates = "rates";
    private const string Later = "later";
    private const string Sum = "loss";

    // What the authors keep of an earlier step's weight, times 1/K.
    private const double LeastWeight = 0.03;

    /// <summary>The inner learning rate α of every tensor and step at the start, for a loss that is a mean; default 0.1, the paper's for Omniglot.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.1;

    /// <summary>Inner steps K, in meta-training and on a new task: there are no rates for more; default 5, the paper's.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 5;

    /// <summary>The parts into which meta-training is divided for annealing; default 100, the paper's.</summary>
    public int Epochs { get; init => field = Setting.AtLeast(value, 1, nameof(Epochs)); } = 100;

    /// <summary>The first epochs, in which every step has a loss; 0 for none; default 10, the authors' for Omniglot (15 for Mini-ImageNet).</summary>
    public int MultiStepEpochs { get; init => field = Setting.AtLeast(value, 0, nameof(MultiStepEpochs)); } = 10;

    /// <summary>The first epochs, in which the meta-gradient is of first order; default 50, the paper's; the authors' configurations have 0.</summary>
    public int FirstOrderEpochs { get; init => field = Setting.AtLeast(value, 0, nameof(FirstOrderEpochs)); } = 50;

    /// <summary>What the meta-gradient flows through after the first-order epochs; default all inner steps.</summary>
    public Unrolling Unrolling { get; init; } = new Unrolling.Full();

    /// <summary>The loss of both loops; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    private int Epoch { get; init; } = int.MaxValue;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var start = model.Init(random);
        var norms = Episodic.NormsOf(start);
        var rates = start.Where(name => !norms.Contains(name)).Map(_ => Tensor.Full([Steps], (Scalar)InnerRate)).Prefixed(Rates);
        var later = norms.Map(leaf => leaf.Unsqueeze(0).Repeat([Steps - 1, 1])).Prefixed(Later); // [K - 1, C]
        return Steps == 1 ? start.With(rates) : start.With(rates).With(later);
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public IMetaLearner At(int iteration, int iterations)
    {
        var epoch = (int)((long)iteration * Epochs / iterations);
        return this with { Epoch = epoch, Unrolling = epoch < FirstOrderEpochs ? new Unrolling.FirstOrder() : Unrolling };
    }

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var (loop, query) = (Descent(model, episode.Support), episode.Query);
        if (Epoch >= MultiStepEpochs)
        {
            return loop.MetaGradient(theta, Steps, Unrolling, query, Objective);
        }

        (Tensor Loss, Tensor Predictions) Weighted(Parameters meta, Parameters phi, int step)
        {
            var predictions = loop.Predict(meta, phi)(query.Inputs);
            return (phi[Sum] + (Weight(step) * Objective(predictions, query)), predictions);
        }

        var summing = loop with
        {
            Start = meta => loop.Start(meta).With([new(Sum, Tensor.Zeros([], theta.Leaves[0].DType, theta.Leaves[0].Device))]),
            Step = (meta, phi, step, constant) =>
            {
                var next = loop.Step(meta, phi, step, constant);
                return step == Steps - 1 ? next : next.With([new(Sum, Weighted(meta, next, step).Loss)]);
            },
        };
        return summing.MetaGradient(theta, Steps, Unrolling, (meta, phi) => Weighted(meta, phi, Steps - 1));
    }

    // What the loss after a step, from 0, counts for in this epoch.
    private double Weight(int step)
    {
        var earlier = Math.Max(1 - ((double)Epoch / MultiStepEpochs), LeastWeight) / Steps;
        return step == Steps - 1 ? 1 - ((Steps - 1) * earlier) : earlier;
    }

    // φ is what is adapted beside the scale and shift of the last step done, so that a predictor has them.
    private InnerLoop Descent(IModel model, Examples support) => new(
        Start: theta => theta.Without(Rates).Without(Later),
        Step: (theta, phi, step, constant) =>
        {
            var rates = theta.Under(Rates).Map(leaf => leaf[step]);
            var at = step == 0 ? phi : phi.With(theta.Under(Later).Map(leaf => leaf[step - 1]));
            var slope = Transforms.Grad(
                adapted => Objective(model.Forward(at.With(adapted), support.Inputs), support), at.Where(rates.Contains), constant);
            return at.With(at.Where(rates.Contains) - (rates * slope));
        },
        Predict: (_, phi) => inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs));
}

using Deutero.Models;
using Deutero.Optimisers;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Reptile: moves the initialisation towards each task's solution; nothing is differentiated twice.</summary>
/// <remarks>
/// <para>From φ = θ, k minibatch steps of a plain optimiser on all of an episode's examples; the outer loop descends along θ − φ, so that an
/// outer SGD of rate ε does θ ← θ + ε (φ − θ). The paper decays ε linearly from 1 to 0.</para>
/// <para>The inner Adam has no first moment. In the authors' program its second moment is carried from task to task; <see cref="CarryMoments"/> does so
/// with leaves of θ: the running mean of squared gradients (<c>inner.mean.*</c>) and the weight of what it has seen (<c>inner.seen</c>), with which every
/// task begins and which the outer loop moves like the rest, so that steps are as long as a gradient is large beside those of earlier tasks.</para>
/// <para><b>Cost:</b> memory of one step, whatever the number of steps.</para>
/// </remarks>
[Paper("Nichol, Achiam and Schulman: On First-Order Meta-Learning Algorithms", "arXiv 2018", "https://arxiv.org/abs/1803.02999")]
[NotAGradient("θ − φ, with φ the parameters after the inner steps")]
public sealed record Reptile : IMetaLearner
{
    private const string Inner = "inner";
    private const double Decay = 0.999;

    /// <summary>The inner learning rate; default 1e-3, the paper's with Adam.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 1e-3;

    /// <summary>Inner steps in meta-training, at least 2 to be more than joint training; default 5.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 5;

    /// <summary>Inner steps when adapting to a new task; default 50, the paper's.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 1, nameof(EvaluationSteps)); } = 50;

    /// <summary>Examples per inner step, taken in turn from shuffled ones; 0 means all of them; default 10.</summary>
    public int BatchSize { get; init => field = Setting.AtLeast(value, 0, nameof(BatchSize)); } = 10;

    /// <summary>Whether the inner optimiser is Adam with β1 = 0 (the paper's) rather than plain SGD; default true.</summary>
    public bool InnerAdam { get; init; } = true;

    /// <summary>
    /// Whether the inner Adam begins with the second moments that earlier tasks left, as in the authors' program, in adapting to a new task, too; default
    /// false: afresh. It needs SGD without momentum, of a rate up to 1, as outer optimiser, which keeps means of squares what they are.
    /// </summary>
    public bool CarryMoments { get; init; }

    /// <summary>The loss; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    private GradientTransform InnerOptimiser => InnerAdam ? AdamWithoutMomentum : GradientTransform.Sgd(InnerRate);

    // The mean of squares and its weight both move linearly, which makes them right for the outer loop too; Adam's own count of steps would not be.
    private GradientTransform AdamWithoutMomentum => new(
        theta => theta.Map(leaf => leaf.ZerosLike()).Prefixed("mean").With([new("seen", theta.Leaves[0].Sum().ZerosLike())]),
        (gradient, state, _) =>
        {
            var mean = (Decay * state.Under("mean")) + ((1 - Decay) * (gradient * gradient));
            var seen = (Decay * state["seen"]) + (1 - Decay);
            var updates = gradient.Zip(mean, (slope, square) => -InnerRate * slope / ((square / seen).Sqrt() + 1e-8));
            return (updates, mean.Prefixed("mean").With([new("seen", seen)]));
        });

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var weights = model.Init(random);
        return CarryMoments ? weights.With(InnerOptimiser.Init(weights).Prefixed(Inner)) : weights;
    }

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Predictor Predict(Parameters parameters) => inputs => Episodic.ForwardBeside(model, parameters, support.Inputs, inputs);
        var path = Descend(model, theta, support, EvaluationSteps, random);
        return new([.. path.Select(phi => Predict(phi.Without(Inner)))]) { Adapted = path[^1].Without(Inner) };
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var path = Descend(model, theta.Detach(), episode.Support.Concat(episode.Query), Steps, random);
        var predictions = Episodic.ForwardBeside(model, path[^1].Without(Inner), episode.Support.Inputs, episode.Query.Inputs);
        return new(theta - path[^1], Objective(predictions, episode.Query), predictions);
    }

    // The leaves of θ before the first and after each inner step.
    private List<Parameters> Descend(IModel model, Parameters theta, Examples examples, int steps, Generator random)
    {
        var optimiser = InnerOptimiser;
        var (phi, state) = (theta.Without(Inner), theta.Under(Inner));
        state = CarryMoments ? state : optimiser.Init(phi);
        var path = new List<Parameters> { theta };
        foreach (var batch in Minibatches(examples, steps, random))
        {
            using var scope = new TensorScope();
            var gradient = Transforms.Grad(parameters => Objective(model.Forward(parameters, batch.Inputs), batch), phi, constant: true);
            var (next, nextState) = optimiser.Step(phi, state, gradient);
            (phi, state) = (scope.Keep(next), scope.Keep(nextState));
            path.Add(CarryMoments ? phi.With(state.Prefixed(Inner)) : phi);
        }

        return path;
    }

    // Cycles through the shuffled examples without replacement, so that successive minibatches differ.
    private IEnumerable<Examples> Minibatches(Examples examples, int steps, Generator random)
    {
        var count = (int)examples.Count;
        if (BatchSize == 0 || BatchSize >= count)
        {
            return Enumerable.Repeat(examples, steps);
        }

        var order = random.Choose(count, count);
        return Enumerable.Range(0, steps).Select(step =>
        {
            var rows = Enumerable.Range(step * BatchSize, BatchSize).Select(i => (long)order[i % count]).ToArray();
            var index = Tensor.From(rows).To(examples.Inputs.Device);
            return examples with { Inputs = examples.Inputs.IndexSelect(0, index), Targets = examples.Targets.IndexSelect(0, index) };
        });
    }
}

using Deutero.Models;
using Deutero.Optimisers;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Reptile: moves the initialisation towards each task's solution; nothing is differentiated twice.</summary>
/// <remarks>
/// <para>From φ = θ, k minibatch steps of a plain optimiser on all of an episode's examples; the outer loop descends along θ − φ, so that an
/// outer SGD of rate ε does θ ← θ + ε (φ − θ). The paper decays ε linearly from 1 to 0.</para>
/// <para><b>Differs from the authors' program:</b> the inner Adam starts afresh for each task, where theirs carries its second moments over.</para>
/// <para><b>Cost:</b> memory of one step, whatever the number of steps.</para>
/// </remarks>
[Paper("Nichol, Achiam and Schulman: On First-Order Meta-Learning Algorithms", "arXiv 2018", "https://arxiv.org/abs/1803.02999")]
[NotAGradient("θ − φ, with φ the parameters after the inner steps")]
public sealed record Reptile : IMetaLearner
{
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

    /// <summary>The loss; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    private GradientTransform InnerOptimiser => InnerAdam ? GradientTransform.Adam(InnerRate, beta1: 0) : GradientTransform.Sgd(InnerRate);

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Predictor Predict(Parameters parameters) => inputs => Episodic.ForwardBeside(model, parameters, support.Inputs, inputs);
        var path = Descend(model, theta, support, EvaluationSteps, random);
        return new([.. path.Select(Predict)]) { Adapted = path[^1] };
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var path = Descend(model, theta.Detach(), episode.Support.Concat(episode.Query), Steps, random);
        var predictions = Episodic.ForwardBeside(model, path[^1], episode.Support.Inputs, episode.Query.Inputs);
        return new(theta - path[^1], Objective(predictions, episode.Query), predictions);
    }

    // The parameters before the first and after each inner step.
    private List<Parameters> Descend(IModel model, Parameters theta, Examples examples, int steps, Generator random)
    {
        var optimiser = InnerOptimiser;
        var (phi, state) = (theta, optimiser.Init(theta));
        var path = new List<Parameters> { phi };
        foreach (var batch in Minibatches(examples, steps, random))
        {
            using var scope = new TensorScope();
            var gradient = Transforms.Grad(parameters => Objective(model.Forward(parameters, batch.Inputs), batch), phi, constant: true);
            var (next, nextState) = optimiser.Step(phi, state, gradient);
            (phi, state) = (scope.Keep(next), scope.Keep(nextState));
            path.Add(phi);
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

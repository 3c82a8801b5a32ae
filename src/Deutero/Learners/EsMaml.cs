using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>MAML by evolution strategies: the outer loop, and the inner one if asked, need values of the loss only.</summary>
/// <remarks>
/// <para>With M(θ) the query loss after adaptation from θ, the direction is the mean over random e ~ N(0, I) of (M(θ + σe) − M(θ − σe))/(2σ) · e: the
/// antithetic estimate of the gradient of M smoothed by a Gaussian of deviation σ. Its variance grows with the number of parameters over that of
/// directions. Steps of the inner loop are exact gradients, or estimates of the same kind (<see cref="InnerDirections"/>); then nothing is differentiated,
/// and the loss may be anything that has a value.</para>
/// <para><b>Differs from the paper,</b> which is about reinforcement learning: tasks are supervised, and all tasks of a meta-batch share their
/// directions.</para>
/// <para><b>Cost:</b> two adaptations for each direction, in the memory of one.</para>
/// </remarks>
[Paper("Song, Gao, Yang, Choromanski, Pacchiano and Tang: ES-MAML: Simple Hessian-Free Meta Learning", "ICLR 2020", "https://arxiv.org/abs/1910.01215")]
[NotAGradient("the mean over e ~ N(0, I) of (M(θ + σe) − M(θ − σe))/(2σ) · e, with M the query loss after adaptation")]
public sealed record EsMaml : IMetaLearner
{
    /// <summary>The inner learning rate α, for a loss that is a mean; default 0.5.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>Inner steps in meta-training; default 1.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>Random directions of each estimate of the outer gradient, at least 1; default 32.</summary>
    public int Directions { get; init => field = Setting.AtLeast(value, 1, nameof(Directions)); } = 32;

    /// <summary>Random directions of each estimate of an inner gradient; 0 takes the exact gradient instead, the default.</summary>
    public int InnerDirections { get; init => field = Setting.AtLeast(value, 0, nameof(InnerDirections)); }

    /// <summary>The deviation σ of the perturbations of either loop, positive; default 0.1.</summary>
    public double Deviation { get; init => field = Setting.Positive(value, nameof(Deviation)); } = 0.1;

    /// <summary>The loss of both loops; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Predictor Predict(Parameters phi) => inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs);
        return new([.. Descend(model, theta, support, EvaluationSteps > 0 ? EvaluationSteps : Steps, random).Select(Predict)]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        Tensor Predict(Parameters at)
        {
            using var same = random.Derive(); // every point is adapted with the same inner directions, so that differences are due to the point
            var phi = Descend(model, at, episode.Support, Steps, same)[^1];
            return Episodic.ForwardBeside(model, phi, episode.Support.Inputs, episode.Query.Inputs);
        }

        var direction = Estimate(at => Objective(Predict(at), episode.Query), theta, Directions, random);
        var predictions = Predict(theta);
        return new(direction, Objective(predictions, episode.Query), predictions);
    }

    // The parameters before the first and after each inner step.
    private List<Parameters> Descend(IModel model, Parameters theta, Examples support, int steps, Generator random)
    {
        Tensor Loss(Parameters phi) => Objective(model.Forward(phi, support.Inputs), support);
        var path = new List<Parameters> { theta };
        for (var step = 0; step < steps; step++)
        {
            using var scope = new TensorScope();
            var phi = path[^1];
            var gradient = InnerDirections > 0 ? Estimate(Loss, phi, InnerDirections, random) : Transforms.Grad(Loss, phi, constant: true);
            path.Add(scope.Keep(phi - (InnerRate * gradient)));
        }

        return path;
    }

    private Parameters Estimate(Func<Parameters, Tensor> value, Parameters at, int directions, Generator random)
    {
        var sum = at.Map(leaf => leaf.ZerosLike());
        for (var i = 0; i < directions; i++)
        {
            using var scope = new TensorScope();
            var e = at.Map(leaf => random.Normal([.. leaf.Shape], dtype: leaf.DType).To(leaf.Device));
            var slope = (value(at + (Deviation * e)) - value(at - (Deviation * e))) / (2 * Deviation * directions);
            var old = sum;
            sum = scope.Keep(sum + (slope * e));
            Episodic.Free(old);
        }

        return sum;
    }
}

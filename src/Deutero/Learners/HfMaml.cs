using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>MAML without Hessians: products with them are differences of gradients, so that nothing is differentiated twice.</summary>
/// <remarks>
/// <para>With v = ∇L(φ'; Q) after the inner step φ' = φ − α ∇L(φ; S), the direction is v − α (∇L(φ + δv; S) − ∇L(φ − δv; S))/(2δ). It differs from the
/// meta-gradient by an error of the order of δ² for smooth losses, and by none for quadratic ones.</para>
/// <para><b>Differs from the paper:</b> several inner steps, which are gone through backwards; and δ is a length over ||v||, so that its size in the space
/// of parameters does not depend on the loss.</para>
/// <para><b>Cost:</b> two more gradients for each inner step, in the memory of one and of φ after each step.</para>
/// </remarks>
[Paper("Fallah, Mokhtari and Ozdaglar: On the Convergence Theory of Gradient-Based Model-Agnostic Meta-Learning Algorithms", "AISTATS 2020", "https://arxiv.org/abs/1908.10400")]
[NotAGradient("v − α (∇L(φ + δv; S) − ∇L(φ − δv; S))/(2δ) at the parameters φ before each inner step, from the last to the first, beginning with v = ∇L(·; Q)")]
public sealed record HfMaml : IMetaLearner
{
    /// <summary>The inner learning rate α, for a loss that is a mean; default 0.5.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>Inner steps in meta-training; default 1.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>The length δ||v|| of a difference in the space of parameters, positive; default 0.01, which suits float32.</summary>
    public double Difference { get; init => field = Setting.Positive(value, nameof(Difference)); } = 0.01;

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
        return new([.. Descend(model, theta, support, EvaluationSteps > 0 ? EvaluationSteps : Steps).Select(Predict)]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var path = Descend(model, theta, episode.Support, Steps);
        var query = Episodic.QueryGradient(
            path[^1], episode, Objective, phi => inputs => Episodic.ForwardBeside(model, phi, episode.Support.Inputs, inputs));
        var v = query.Direction;
        foreach (var phi in path.SkipLast(1).Reverse())
        {
            using var scope = new TensorScope();
            var shift = (Difference / Norm(v)) * v;
            var change = Slope(model, phi + shift, episode.Support) - Slope(model, phi - shift, episode.Support);
            v = scope.Keep(v - ((InnerRate / 2 / Difference * Norm(v)) * change));
        }

        return query with { Direction = v };
    }

    // The parameters before the first and after each inner step.
    private List<Parameters> Descend(IModel model, Parameters theta, Examples support, int steps)
    {
        var path = new List<Parameters> { theta };
        for (var step = 0; step < steps; step++)
        {
            using var scope = new TensorScope();
            path.Add(scope.Keep(path[^1] - (InnerRate * Slope(model, path[^1], support))));
        }

        return path;
    }

    private Parameters Slope(IModel model, Parameters at, Examples support) =>
        Transforms.Grad(phi => Objective(model.Forward(phi, support.Inputs), support), at, constant: true);

    // The small number keeps a quotient by it finite where v is 0.
    private static Tensor Norm(Parameters v) => (v.Dot(v) + 1e-24).Sqrt();
}

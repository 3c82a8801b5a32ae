using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Meta-Curvature: MAML that also learns a linear transform of the inner gradients, a product of one small matrix for each axis of a tensor.</summary>
/// <remarks>
/// <para>Each inner step is φ ← φ − α MC(∇L(φ; S)). Of a matrix's gradient G, MC is M_o G M_iᵀ; of a kernel's, <c>[outputs, inputs, positions]</c>, it is
/// the product with a matrix along each of the three axes; of a vector's, that with a vector. All of them (<c>curvature.*</c>) start as identities, from
/// where MAML starts, belong to θ and are learned through the inner steps.</para>
/// <para><b>Differs from the paper:</b> the scale and shift of BatchNorm are adapted, too, as vectors; and the scale of the inner loss is that of
/// <see cref="Maml"/>.</para>
/// <para><b>Cost:</b> as <see cref="Maml"/>, with the square of each axis' size in further meta-parameters.</para>
/// </remarks>
[Paper("Park and Oliva: Meta-Curvature", "NeurIPS 2019", "https://arxiv.org/abs/1902.03356")]
public sealed record MetaCurvature : IUnrolledLearner
{
    private const string Curvature = "curvature";

    /// <summary>The inner learning rate α, for a loss that is a mean; default 0.5.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.5;

    /// <summary>Inner steps in meta-training; default 1.</summary>
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
    public Parameters Init(IModel model, Generator random)
    {
        var start = model.Init(random);
        return start.With(Parameters.Create([.. start.SelectMany(item => Identities(item.Key, item.Value))]).Prefixed(Curvature));
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, episode.Support).MetaGradient(theta, Steps, Unrolling, episode.Query, Objective);

    private InnerLoop Descent(IModel model, Examples support)
    {
        Tensor Loss(Parameters phi) => Objective(model.Forward(phi, support.Inputs), support);
        return new(
            Start: theta => theta.Without(Curvature),
            Step: (theta, phi, _, constant) =>
            {
                var curvature = theta.Under(Curvature);
                return phi - (InnerRate * Transforms.Grad(Loss, phi, constant).Map((name, slope) => Curved(curvature, name, slope)));
            },
            Predict: (_, phi) => inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs));
    }

    private static KeyValuePair<string, Tensor>[] Identities(string name, Tensor leaf)
    {
        if (leaf.Rank < 2)
        {
            return [new(name, leaf.OnesLike())];
        }

        var (outputs, inputs) = (leaf.Size(0), leaf.Size(1));
        KeyValuePair<string, Tensor>[] ofMatrix = [new($"{name}.outputs", Tensor.Eye(outputs)), new($"{name}.inputs", Tensor.Eye(inputs))];
        return leaf.Rank == 2 ? ofMatrix : [.. ofMatrix, new($"{name}.positions", Tensor.Eye(leaf.Count / outputs / inputs))];
    }

    private static Tensor Curved(Parameters curvature, string name, Tensor slope)
    {
        if (slope.Rank < 2)
        {
            return curvature[name] * slope;
        }

        var (outputs, inputs) = (curvature[$"{name}.outputs"], curvature[$"{name}.inputs"]);
        if (slope.Rank == 2)
        {
            return outputs.Matmul(slope).Matmul(inputs.T());
        }

        var kernels = outputs.Matmul(slope.Reshape([slope.Size(0), -1])).Reshape([slope.Size(0), slope.Size(1), -1]); // [outputs, inputs, positions]
        return inputs.Matmul(kernels).Matmul(curvature[$"{name}.positions"].T()).Reshape([.. slope.Shape]);
    }
}

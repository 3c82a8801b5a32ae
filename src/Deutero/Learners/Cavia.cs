using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Fast context adaptation: only a few context numbers are adapted to a task, and the network that they steer is shared by all tasks.</summary>
/// <remarks>
/// <para>Each inner step is c ← c − α ∇L(c, θ; S), from c = 0; the meta-gradient of L(c, θ; Q) flows through every step into θ. The context enters one
/// layer through learned linear maps (<c>context.*</c>, shape <c>[width, C]</c>): it moves the bias of a linear layer, which is the same as further
/// inputs of that layer, or the scale and the shift of a BatchNorm layer, which is FiLM.</para>
/// <para><b>Differs from the paper:</b> FiLM stands at the BatchNorm, whose scale and shift are FiLM's bias and start at 1 and 0, before the pooling
/// rather than behind it.</para>
/// <para><b>Cost:</b> the graph of all inner steps; a step differentiates with respect to C numbers only.</para>
/// </remarks>
[Paper("Zintgraf, Shiarlis, Kurin, Hofmann and Whiteson: Fast Context Adaptation via Meta-Learning", "ICML 2019", "https://arxiv.org/abs/1810.03642")]
public sealed record Cavia : IUnrolledLearner
{
    private const string Context = "context";

    /// <summary>The context numbers C; default 5, the paper's for sinusoids; 100 in its image classification.</summary>
    public int Contexts { get; init => field = Setting.AtLeast(value, 1, nameof(Contexts)); } = 5;

    /// <summary>The layer that the context moves, by its name among the parameters; empty, the default, means <c>norm3</c>, or the first layer with a bias in a model without it.</summary>
    public string Layer { get; init; } = "";

    /// <summary>The inner learning rate α, for a loss that is a mean; default 1, the paper's: the maps' scale adjusts itself to it.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 1;

    /// <summary>Inner steps in meta-training; default 1; the paper has 2 in image classification.</summary>
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
    /// <exception cref="ArgumentException">The model has no such layer, or the layer has no bias.</exception>
    public Parameters Init(IModel model, Generator random)
    {
        var shared = model.Init(random);
        var layer = LayerOf(shared);
        var inputs = shared[$"{layer}.weight"] is { Rank: > 1 } weight ? (int)(weight.Count / weight.Size(0)) : 0;
        var bound = 1 / Math.Sqrt(inputs + Contexts);
        var moved = shared.Where(name => name == $"{layer}.bias" || (name == $"{layer}.weight" && inputs == 0));
        return shared.With(moved.Map(leaf => random.Uniform([leaf.Size(0), Contexts], -bound, bound)).Prefixed(Context));
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, episode.Support).MetaGradient(theta, Steps, Unrolling, episode.Query, Objective);

    private InnerLoop Descent(IModel model, Examples support) =>
        new(
            Start: theta => [new(Context, theta.Under(Context).Leaves[0].Sum([0]).ZerosLike())], // [C]
            Step: (theta, phi, _, constant) =>
            {
                Tensor Loss(Parameters at) => Objective(model.Forward(Steered(theta, at[Context]), support.Inputs), support);
                return phi - (InnerRate * Transforms.Grad(Loss, phi, constant));
            },
            Predict: (theta, phi) => inputs => Episodic.ForwardBeside(model, Steered(theta, phi[Context]), support.Inputs, inputs));

    private static Parameters Steered(Parameters theta, Tensor context)
    {
        var shared = theta.Without(Context);
        return shared.With(theta.Under(Context).Map((name, map) => shared[name] + map.Matmul(context)));
    }

    private string LayerOf(Parameters shared)
    {
        var layer = Layer.Length > 0 ? Layer
            : shared.Contains("norm3.bias") ? "norm3"
            : shared.Names.FirstOrDefault(name => name.EndsWith(".bias", StringComparison.Ordinal))?[..^".bias".Length] ?? "";
        return shared.Contains($"{layer}.weight") && shared.Contains($"{layer}.bias")
            ? layer
            : throw new ArgumentException(
                $"The context moves a layer with a weight and a bias, but there is no such layer '{layer}' among {string.Join(", ", shared.Names)}.");
    }
}

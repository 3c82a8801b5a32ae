using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Meta-transfer learning: keeps a pre-trained body as it is, and learns a scale and a shift of its filters, and where a fast classifier starts.</summary>
/// <remarks>
/// <para>Each weight W of the body, of one filter for each of its inputs, is used as W ⊙ s, with s a number for each filter and input; each vector b (biases, and
/// the scale and shift of BatchNorm) as b + t. s begins at 1 and t at 0, so that the body begins as it was trained. The inner loop is gradient descent of the
/// last linear layer on the body's features; the outer loop learns s, t and that layer's start (<c>scale.*</c>, <c>shift.*</c>, <c>head.*</c>).</para>
/// <para>The body is a part of θ along which the direction is zero, so that its bits stay (under every outer optimiser but AdamW, which lets weights
/// decay). It is to be taken from an earlier training, on all base classes by <see cref="ClassifierBaseline"/>, or by any other learner.</para>
/// <para><b>Differs from the paper:</b> without its hard-task meta-batches, which follow classes from one update to the next. The authors' PyTorch program
/// is <see cref="Unrolling.FirstOrder"/>, in which scale and shift learn from the features of the query set alone.</para>
/// <para><b>Cost:</b> the body embeds the support set once and the queries once, and steps run on features.</para>
/// </remarks>
[Paper("Sun, Liu, Chua and Schiele: Meta-Transfer Learning for Few-Shot Learning", "CVPR 2019", "https://arxiv.org/abs/1812.02391")]
[NotAGradient("the gradient of L(φ; Q) with respect to scale, shift and head, and zero in the frozen body")]
public sealed record MetaTransfer : IUnrolledLearner
{
    private const string Head = "head";
    private const string Scale = "scale";
    private const string Shift = "shift";

    /// <summary>The inner learning rate, for a loss that is a mean; default 0.01.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.01;

    /// <summary>What the inner loop descends with, at that rate; default <see cref="InnerOptimiser.Sgd"/>, the paper's.</summary>
    public InnerOptimiser InnerOptimiser { get; init; } = new InnerOptimiser.Sgd();

    /// <summary>Inner steps in meta-training; default 20.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 20;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>What the meta-gradient flows through; default all inner steps, which are cheap on features.</summary>
    public Unrolling Unrolling { get; init; } = new Unrolling.Full();

    /// <summary>The loss of both loops; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The model does not end in a linear layer.</exception>
    public Parameters Init(IModel model, Generator random)
    {
        var start = model.Init(random);
        var head = Episodic.HeadOf(start);
        var body = start.Where(name => !head.Contains(name));
        var scale = body.Where(name => body[name].Rank > 1).Map(leaf => Tensor.Ones([leaf.Size(0), leaf.Size(1), .. Enumerable.Repeat(1L, leaf.Rank - 2)]));
        var shift = body.Where(name => body[name].Rank == 1).Map(leaf => leaf.ZerosLike());
        return [.. body, .. head.Prefixed(Head), .. scale.Prefixed(Scale), .. shift.Prefixed(Shift)];
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, episode.Support).MetaGradient(theta, Steps, Unrolling, episode.Query, Objective);

    // Constants of every gradient, the frozen parameters themselves have one of exactly zero.
    internal static Parameters Transferred(Parameters theta)
    {
        var (scale, shift) = (theta.Under(Scale), theta.Under(Shift));
        return theta.Without(Head).Without(Scale).Without(Shift)
            .Map((name, leaf) => scale.Contains(name) ? leaf.Detach() * scale[name] : leaf.Detach() + shift[name]);
    }

    private InnerLoop Descent(IModel model, Examples support) =>
        new HeadLoop(Objective, InnerOptimiser, InnerRate).On(model, support, Transferred, theta => theta.Under(Head));
}

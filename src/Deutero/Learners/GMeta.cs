using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Prototypes that descend (G-Meta): a few gradient steps on the support set's own prototypical loss adapt the network before queries are compared with prototypes.</summary>
/// <remarks>
/// <para>With c_k(φ) the mean of class k's support features under φ, each inner step is φ ← φ − α ∇L(φ), from φ = θ, where L is the cross-entropy of the support set with
/// logits −s ||f_φ(x) − c_k(φ)||²: prototypes are computed anew in each step. Queries are compared with the prototypes after the last step, and the meta-gradient flows through all of it.</para>
/// <para>The features of an item are those of a local subgraph around a node where the model is <see cref="Gin"/> with <see cref="GraphReadout.Centre"/>. For a property of a whole
/// graph, such as a molecule, <see cref="GraphReadout.Neighbourhoods"/> means over all its nodes' subgraphs; the mean over subgraphs of the logits −||h_u − c_k||² differs from
/// −||mean h_u − c_k||² by what is the same for all classes, so that this is the vote of the subgraphs.</para>
/// <para><b>Differs from the paper:</b> its subgraphs are read by a GCN and its labels are those of nodes and links; molecules are ours. With one shot the inner loss has only other
/// classes' prototypes to move away from.</para>
/// </remarks>
[Paper("Huang and Zitnik: Graph Meta Learning via Local Subgraphs", "NeurIPS 2020", "https://arxiv.org/abs/2006.07889")]
public sealed record GMeta : IUnrolledLearner
{
    /// <summary>The inner learning rate α; default 0.01, the paper's.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.01;

    /// <summary>Inner steps in meta-training; default 10, the paper's.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 10;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training; default 20, the paper's.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); } = 20;

    /// <summary>What minus the squared distances are multiplied by (s), positive; below 1 where features are large, as sums over neighbours are; default 1, the paper's.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 1;

    /// <summary>What the meta-gradient flows through; default all inner steps.</summary>
    public Unrolling Unrolling { get; init; } = new Unrolling.Full();

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: prototypes need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: prototypes need classes.</exception>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, episode.Support).MetaGradient(theta, Steps, Unrolling, episode.Query, Objectives.CrossEntropy);

    private InnerLoop Descent(IModel model, Examples support)
    {
        Episodic.RequireClasses(support, "G-Meta");
        Func<Tensor, Tensor> ComparedWith(Tensor features)
        {
            var prototypes = support.ClassMeans(features); // [N, D]
            return queries => Scale * Similarities.Between(Similarity.SquaredEuclidean, queries, prototypes);
        }

        Tensor Loss(Parameters phi)
        {
            var features = model.Forward(phi, support.Inputs); // [NK, D]
            return Objectives.CrossEntropy(ComparedWith(features)(features), support);
        }

        return new(
            Start: theta => theta,
            Step: (_, phi, _, constant) => phi - (InnerRate * Transforms.Grad(Loss, phi, constant)),
            Predict: (_, phi) => Episodic.OnFeatures(model, phi, support, ComparedWith));
    }
}

using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Prototypical networks: each class is the mean of its embedded support examples, and queries go to the most similar.</summary>
/// <remarks>
/// The logit of class k is −||f(x) − c_k||², with c_k the prototype, or another similarity; gradients flow through queries and prototypes.
/// Meta-training with more ways than the test episodes have is part of the recipe (60-way for Omniglot). <b>Differs from the paper:</b> nothing.
/// </remarks>
[Paper("Snell, Swersky and Zemel: Prototypical Networks for Few-shot Learning", "NeurIPS 2017", "https://arxiv.org/abs/1703.05175")]
public sealed record ProtoNet : IMetaLearner
{
    /// <summary>How queries and prototypes are compared; default the squared Euclidean distance.</summary>
    public Similarity Similarity { get; init; }

    /// <summary>
    /// What similarities are multiplied by, positive (the metric scaling of Oreshkin, Rodriguez and Lacoste, NeurIPS 2018); about 10 for cosines; default 1.
    /// </summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 1;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: prototypes need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "Prototypical networks");
        return new([Episodic.OnFeatures(model, theta, support, features => ComparedTo(support.ClassMeans(features)))]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // Prototypes [N, D]. A function of its own, so that who keeps the comparison does not keep the support set.
    private Func<Tensor, Tensor> ComparedTo(Tensor prototypes) => queries => Scale * Similarities.Between(Similarity, queries, prototypes);
}

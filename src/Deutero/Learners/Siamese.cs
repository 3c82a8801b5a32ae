using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Siamese networks: one embedding of both items of a pair, trained so that those of one class are near each other and others far apart.</summary>
/// <remarks>
/// <para>The outer loop descends along the gradient of <see cref="Loss"/> over all pairs of an episode's support and query examples. A query is
/// classified by its nearest support example: the logit of class k is minus the smallest distance to one of its examples. Whether two items belong
/// together is told by <see cref="Distances"/> and a threshold.</para>
/// <para><b>Differs from the paper:</b> pairs are compared by their Euclidean distance, in the later literature's losses, instead of by a learned sum of
/// feature differences with a cross-entropy.</para>
/// </remarks>
[Paper("Koch, Zemel and Salakhutdinov: Siamese Neural Networks for One-shot Image Recognition", "ICML Deep Learning Workshop 2015", "https://www.cs.cmu.edu/~rsalakhu/papers/oneshot1.pdf")]
[NotAGradient("∇ of the loss of the distances between all embedded examples")]
public sealed record Siamese : IMetaLearner
{
    // Under a square root, whose slope at 0 is infinite.
    private const double Least = 1e-12;

    /// <summary>The loss of pairs or triplets; default the triplet loss with a soft margin on the hardest triplets.</summary>
    public PairLoss Loss { get; init; } = new PairLoss.Triplet();

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: neighbours have classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "A siamese network");
        return new([Episodic.OnFeatures(model, theta, support, features => queries => Logits(queries, features, support))]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var (support, query) = (episode.Support, episode.Query);
        Episodic.RequireClasses(support, "A siamese network");
        var (_, predictions, gradient) = Transforms.ValueAndGrad(
            parameters =>
            {
                var together = Episodic.AllFeatures(model, parameters, episode.Support, episode.Query.Inputs);
                var (features, queries) = (together.Narrow(0, 0, support.Count), together.Narrow(0, support.Count, query.Count));
                return (OfPairs(together, Tensor.Cat([support.Targets, query.Targets])), Logits(queries, features, support));
            },
            theta);
        return new(gradient, Objectives.CrossEntropy(predictions, query), predictions);
    }

    /// <summary>The distances between the embedded items of pairs, for verification: two items belong together where theirs is below a threshold.</summary>
    /// <param name="model">The architecture.</param>
    /// <param name="theta">The meta-parameters.</param>
    /// <param name="first">The first items, shape <c>[N, ...item]</c>.</param>
    /// <param name="second">The second items, of the same shape.</param>
    /// <returns>Shape <c>[N]</c>.</returns>
    public static Tensor Distances(IModel model, Parameters theta, Tensor first, Tensor second) =>
        ((model.Forward(theta, first) - model.Forward(theta, second)).Square().Sum([1]) + Least).Sqrt();

    private Tensor OfPairs(Tensor features, Tensor labels)
    {
        var same = labels.Unsqueeze(0).Eq(labels.Unsqueeze(1)).To(features.DType); // [n, n]
        return Loss.Of(Between(features, features), same - Tensor.Eye(labels.Size(0), features.DType, features.Device), 1 - same);
    }

    private static Tensor Logits(Tensor queries, Tensor features, Examples support) =>
        Similarities.ByClass(-Between(queries, features), support.OneHot()).Amax([2]); // [M, N]

    // Rounding makes the squares of small distances negative.
    private static Tensor Between(Tensor left, Tensor right) => ((-Similarities.Between(Similarity.SquaredEuclidean, left, right)).Relu() + Least).Sqrt();
}

using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>SimCLR: a body learns, without labels, to make two views of an item alike and those of different items unlike; classes are then told apart by their mean features.</summary>
/// <remarks>
/// <para>Row i of the support set and row i of the query set are two views of one item, as <see cref="AugmentedItems"/> makes them of the
/// support, too. A projection (<c>projection.*</c>, two layers) of each view's features is brought to unit length, z; the loss of a view is −log of the
/// share of exp(z·z'/τ) of its other view z' in the sum over all other 2B − 1 views (NT-Xent), and its mean over all 2B views is descended along. No
/// label is read. A task is solved without the projection: the logit of class k is the cosine of a query's features and class k's mean features, times <see cref="Scale"/>.
/// Other learners can begin with the body.</para>
/// <para>The loss and the predictions that are reported while training are those of finding each query's other view by the body's features.</para>
/// <para><b>Differs from the paper:</b> nothing in the method; Adam instead of LARS where the outer loop has Adam, and smaller minibatches.</para>
/// </remarks>
[Paper("Chen, Kornblith, Norouzi and Hinton: A Simple Framework for Contrastive Learning of Visual Representations", "ICML 2020", "https://arxiv.org/abs/2002.05709")]
[NotAGradient("the gradient of the mean over all 2B views of −log(exp(z·z'/τ) / Σ exp(z·z''/τ)), z' the other view of the same item, z'' all other views")]
public sealed record SimClr : IMetaLearner
{
    private const string Prefix = "projection";
    private const double Apart = 1e9; // what a view's similarity to itself is lowered by, so that it has no share

    /// <summary>The temperature τ, positive; default 0.5, the paper's for small images.</summary>
    public double Temperature { get; init => field = Setting.Positive(value, nameof(Temperature)); } = 0.5;

    /// <summary>The width of the projection, at least 1; default 128. Its hidden layer is as wide as the features.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 128;

    /// <summary>What cosines are multiplied by, positive; default 10.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 10;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var (body, features) = (model.Init(random), model.OutputWidth);
        return body.With(Dense.Linear(random, "hidden", features, features).With(Dense.Linear(random, "output", features, Width)).Prefixed(Prefix));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: class means need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "SimCLR's body");
        return new([Episodic.OnFeatures(model, theta.Without(Prefix), support, features =>
        {
            var means = support.ClassMeans(features); // [N, D]
            return queries => Scale * Similarities.Between(Similarity.Cosine, queries, means);
        })]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The support and query set are no pairs of views, or the task is a regression.</exception>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        Episodic.RequireClasses(episode.Support, "SimCLR's body");
        var (support, count) = (episode.Support, episode.Support.Count);
        if (episode.Query.Count != count)
        {
            throw new ArgumentException(
                $"SimCLR pairs each support example with one query but an episode has {count} and {episode.Query.Count}: for unlabelled views set episodes.trainTasks=umtra, " +
                "episodes.trainTasks.augmentsSupport=true and episodes.trainQueries=1.");
        }

        var views = Tensor.Cat([support.Inputs, episode.Query.Inputs]); // [2B, ...]: one batch
        var (_, features, gradient) = Transforms.ValueAndGrad(
            at =>
            {
                var embedded = model.Forward(at.Without(Prefix), views);
                return (Contrast(Project(at, embedded)), embedded);
            },
            theta);
        var means = support.ClassMeans(features.Narrow(0, 0, count));
        var predictions = Scale * Similarities.Between(Similarity.Cosine, features.Narrow(0, count, count), means);
        return new(gradient, Objectives.CrossEntropy(predictions, episode.Query), predictions);
    }

    // NT-Xent of projections [2B, P] of which rows i and B + i are of one item.
    internal Tensor Contrast(Tensor projections)
    {
        var (unit, pairs) = (Similarities.Unit(projections), projections.Size(0) / 2);
        var similarities = unit.Matmul(unit.T()) / Temperature; // [2B, 2B]
        var others = similarities - (Apart * Tensor.Eye(2 * pairs, projections.DType, projections.Device));
        var partners = Tensor.Cat([unit.Narrow(0, pairs, pairs), unit.Narrow(0, 0, pairs)]);
        return (others.Logsumexp([1]) - ((unit * partners).Sum([1]) / Temperature)).Mean();
    }

    private static Tensor Project(Parameters theta, Tensor features)
    {
        var projection = theta.Under(Prefix);
        return Dense.Linear(projection, "output", Dense.Linear(projection, "hidden", features).Relu());
    }
}

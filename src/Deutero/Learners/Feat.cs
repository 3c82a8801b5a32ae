using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>FEAT: prototypes that see each other through one layer of self-attention, and so suit the task at hand.</summary>
/// <remarks>
/// <para>With c the class means of the support's features, c' = LayerNorm(W_o softmax(c W_qᵀ W_k cᵀ / √D) c W_vᵀ + b + c), and the logit of class k is
/// −||f(x) − c'_k||²/t. The outer loop descends along the gradient of the cross-entropy plus λ times that of a second one: all features of each
/// class of the episode go through the same layer, and those before it are classified by the means of those after it.</para>
/// <para>The recipe begins with a body that was trained before (<c>startFrom</c> in a configuration). <b>Differs from the paper:</b> no dropout, and one
/// temperature and one rate for everything.</para>
/// </remarks>
[Paper("Ye, Hu, Zhan and Sha: Few-Shot Learning via Embedding Adaptation with Set-to-Set Functions", "CVPR 2020", "https://arxiv.org/abs/1812.03664")]
[NotAGradient("∇ of the query loss plus λ times the cross-entropy of all features with their adapted class means")]
public sealed record Feat : IMetaLearner
{
    private const string Prefix = "attention";

    // Attention on examples of other classes: none.
    private const double None = -1e9;

    /// <summary>The temperature t that squared distances are divided by, positive; default 64, the paper's for 640 features.</summary>
    public double Temperature { get; init => field = Setting.Positive(value, nameof(Temperature)); } = 64;

    /// <summary>The weight λ of the second cross-entropy, at least 0; default 0.1, the paper's for five shots.</summary>
    public double Balance { get; init => field = Setting.NotNegative(value, nameof(Balance)); } = 0.1;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var (own, width) = (model.Init(random), model.OutputWidth);
        Tensor Square() => random.Normal([width, width], Math.Sqrt(1.0 / width));
        Parameters added =
        [
            new("query", Square()), new("key", Square()), new("value", Square()), new("output.weight", Square()), new("output.bias", Tensor.Zeros([width])),
            new("norm.weight", Tensor.Ones([width])), new("norm.bias", Tensor.Zeros([width])),
        ];
        return own.With(added.Prefixed(Prefix));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: prototypes need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "FEAT");
        return new([Episodic.OnFeatures(model, Episodic.OfModel(theta, Prefix), support, features =>
        {
            var prototypes = Attend(theta.Under(Prefix), support.ClassMeans(features)); // [N, D]
            return queries => Logits(queries, prototypes);
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var (support, query) = (episode.Support, episode.Query);
        Episodic.RequireClasses(support, "FEAT");
        var (_, predictions, gradient) = Transforms.ValueAndGrad(
            parameters =>
            {
                var together = Episodic.AllFeatures(model, Episodic.OfModel(parameters, Prefix), episode.Support, episode.Query.Inputs); // [NK + M, D]
                var weights = parameters.Under(Prefix);
                var prototypes = Attend(weights, support.ClassMeans(together.Narrow(0, 0, support.Count)));
                var logits = Logits(together.Narrow(0, support.Count, query.Count), prototypes);
                return (Objectives.CrossEntropy(logits, query) + (Balance * Regulariser(weights, together, support.Concat(query))), logits);
            },
            theta);
        return new(gradient, Objectives.CrossEntropy(predictions, query), predictions);
    }

    // A set of vectors [n, D] to one of the same size, whatever their order; attention where `allowed` [n, n] is 1, everywhere if it is null.
    internal static Tensor Attend(Parameters weights, Tensor set, Tensor? allowed = null)
    {
        var scores = set.Matmul(weights["query"].T()).Matmul(set.Matmul(weights["key"].T()).T()) / Math.Sqrt(set.Size(1)); // [n, n]
        var attention = (allowed is null ? scores : scores + ((1 - allowed) * None)).Softmax(-1);
        var seen = attention.Matmul(set.Matmul(weights["value"].T()));
        var sum = Transforms.Linear(seen, weights["output.weight"], weights["output.bias"]) + set;
        return Tensor.LayerNorm(sum, [set.Size(1)], weights["norm.weight"], weights["norm.bias"]);
    }

    private Tensor Regulariser(Parameters weights, Tensor features, Examples all)
    {
        var membership = all.OneHot(); // [n, N]
        var centres = all.ClassMeans(Attend(weights, features, membership.Matmul(membership.T())));
        return Objectives.CrossEntropy(Logits(features, centres), all);
    }

    private Tensor Logits(Tensor features, Tensor prototypes) => Similarities.Between(Similarity.SquaredEuclidean, features, prototypes) / Temperature;
}

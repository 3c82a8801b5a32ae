using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Matching of two modalities from few pairs: a space that both share is learned by contrast, and a task's pairs correct it by ridge regression.</summary>
/// <remarks>
/// <para>A pair is an example and the attributes of its class (<see cref="Examples.Attributes"/>), such as an image and the word vector of what it shows. Both are brought
/// into one space of unit vectors, v = f(x) / ||f(x)|| and u_k = g(a_k) / ||g(a_k)||, with g a linear layer (<c>matching.attributes.*</c>). From the pairs of a support set, rows X and U, follows the map
/// W = argmin ||XW − U||² + λ ||W − I||² = I + (XᵀX + λI)⁻¹Xᵀ(U − X), and the logit of class k is the cosine of vW and u_k over τ. λ and τ are learned through their
/// logarithms, 1/τ at most 100. As λ grows nothing is adapted; as it vanishes, W fits the pairs alone.</para>
/// <para>The outer loss is symmetric (InfoNCE): half the cross-entropy of finding each query's attributes, and half that of finding, for the attributes of each class, its
/// queries among all, with as large a share for each of them. What is reported is the cross-entropy of the queries.</para>
/// <para><b>Differs from the papers:</b> theirs are single spaces for all pairs, which W adapts to a task; λ pulls towards the shared space rather than towards 0.</para>
/// </remarks>
[Paper("Radford et al.: Learning Transferable Visual Models from Natural Language Supervision", "ICML 2021", "https://arxiv.org/abs/2103.00020")]
[NotAGradient("the gradient of half the queries' cross-entropy over classes and half the mean over classes of −1/Q_k Σ_i log softmax_i(s_ik/τ), i the Q_k queries of class k among all queries")]
public sealed record CrossModalMatching : IMetaLearner
{
    private const string Prefix = "matching";
    private const double SharpestScale = 100;

    /// <summary>The attributes of a class, at least 1; default 100, the numbers of a word vector.</summary>
    public int Attributes { get; init => field = Setting.AtLeast(value, 1, nameof(Attributes)); } = 100;

    /// <summary>The temperature τ before training, positive; default 0.1.</summary>
    public double Temperature { get; init => field = Setting.Positive(value, nameof(Temperature)); } = 0.1;

    /// <summary>The penalty λ of leaving the shared space before training, positive; default 1.</summary>
    public double Penalty { get; init => field = Setting.Positive(value, nameof(Penalty)); } = 1;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var body = model.Init(random);
        Parameters numbers = [new("scale", Tensor.Of(-Math.Log(Temperature))), new("penalty", Tensor.Of(Math.Log(Penalty)))];
        return body.With(numbers.With(Dense.Linear(random, "attributes", Attributes, model.OutputWidth)).Prefixed(Prefix));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression, or the support set has no attributes, or of another number.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var attributes = Episodic.AttributesOf(support, Attributes, nameof(CrossModalMatching));
        var (own, weights) = (Episodic.OfModel(theta, Prefix), theta.Under(Prefix));
        var named = Similarities.Unit(Dense.Linear(weights, "attributes", attributes)); // [N, D]
        var scale = weights["scale"].Exp().Clamp(max: SharpestScale);
        return new([Episodic.OnFeatures(model, own, support, features =>
        {
            var seen = Similarities.Unit(features); // [NK, D]
            var correction = Correction(seen, support.OneHot().Matmul(named), weights["penalty"].Exp());
            return queries =>
            {
                var unit = Similarities.Unit(queries);
                return scale * Similarities.Between(Similarity.Cosine, unit + unit.Matmul(correction), named);
            };
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var (_, logits, gradient) = Transforms.ValueAndGrad(
            at =>
            {
                var predictions = Adapt(model, at, episode.Support, random).Predict(episode.Query.Inputs);
                return (Contrast(predictions, episode.Query), predictions);
            },
            theta);
        return new(gradient, Objectives.CrossEntropy(logits, episode.Query), logits);
    }

    // W − I of the pairs in rows of X and U: [D, D]
    internal static Tensor Correction(Tensor seen, Tensor named, Tensor penalty) => R2d2.Solve(seen, named - seen, penalty);

    // The symmetric loss of logits [M, N]. A class without queries has no share in it.
    internal static Tensor Contrast(Tensor logits, Examples queries)
    {
        var membership = queries.OneHot(); // [M, N]
        var counts = membership.Sum([0]);
        var found = (logits.LogSoftmax(0) * membership).Sum([0]) / counts.Clamp(min: 1);
        return (Objectives.CrossEntropy(logits, queries) - (found.Sum() / counts.Clamp(max: 1).Sum())) / 2;
    }
}

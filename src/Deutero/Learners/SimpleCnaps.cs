using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Simple CNAPS's classifier: the nearest class mean by a Mahalanobis distance, with a covariance for each class.</summary>
/// <remarks>
/// <para>With Σ_k the covariance of class k's features, Σ that of all the support's and λ_k = K_k/(K_k + 1): Q_k = λ_k Σ_k + (1 − λ_k) Σ + βI, and the
/// logit of class k is −(z − c_k)ᵀ Q_k⁻¹ (z − c_k). A class of one example has Σ_k = 0. Gradients flow through the solution.</para>
/// <para>By default the body is trained, or taken from another run (<c>startFrom</c> in a configuration) and trained further. With <see cref="Adapts"/> it stays as it
/// is and is modulated for a task as that of <see cref="Cnaps"/>, as in the paper: the direction is then zero in the body. <b>Differs from the paper:</b> as
/// <see cref="Cnaps"/> does.</para>
/// <para><b>Cost:</b> one linear system of the features' width for each class.</para>
/// </remarks>
[Paper("Bateni, Goyal, Masrani, Wood and Sigal: Improved Few-Shot Visual Classification", "CVPR 2020", "https://arxiv.org/abs/1912.03432")]
public sealed record SimpleCnaps : IMetaLearner
{
    /// <summary>The multiple β of the identity in every covariance, positive; default 1, the paper's.</summary>
    public double Ridge { get; init => field = Setting.Positive(value, nameof(Ridge)); } = 1;

    /// <summary>Whether the body stays as it is and networks scale and shift its layers for each task; default false: the body itself is trained.</summary>
    public bool Adapts { get; init; }

    /// <summary>The width of the set encoder and of the task vector, where it adapts; at least 1; default 64.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 64;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">It adapts, and the model has no layer with a weight and a bias, which a task could modulate.</exception>
    public Parameters Init(IModel model, Generator random) => Adapts ? FrozenBody.Init(model, Width, random) : model.Init(random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: covariances are of classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "Simple CNAPS");
        var body = Adapts ? FrozenBody.For(model, theta, Width, support.Inputs) : theta;
        return new([Episodic.OnFeatures(model, body, support, features =>
        {
            var (means, covariances) = (support.ClassMeans(features).Unsqueeze(1), Covariances(features, support)); // [N, 1, D], [N, D, D]
            return queries =>
            {
                var differences = (queries.Unsqueeze(0) - means).Transpose(1, 2); // [N, D, M]
                return -(differences * Tensor.LinalgSolve(covariances, differences)).Sum([1]).T(); // [M, N]
            };
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // Q_k for each class: [N, D, D]
    internal Tensor Covariances(Tensor features, Examples support)
    {
        var membership = support.OneHot().T().Unsqueeze(2); // [N, NK, 1]
        var counts = membership.Sum([1], keepdim: true); // [N, 1, 1]
        var ofClass = (features.Unsqueeze(0) - support.ClassMeans(features).Unsqueeze(1)) * membership; // [N, NK, D]
        var ofAll = features - features.Mean([0], keepdim: true);
        var share = counts / (counts + 1);
        var identity = Tensor.Eye(features.Size(1), features.DType, features.Device);
        return (share * Scatter(ofClass) / (counts - 1).Clamp(1)) + ((1 - share) * Scatter(ofAll) / Math.Max(1, support.Count - 1)) + (Ridge * identity);
    }

    private static Tensor Scatter(Tensor centred) => centred.Transpose(-2, -1).Matmul(centred);
}

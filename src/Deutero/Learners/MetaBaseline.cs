using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Meta-Baseline: the nearest class mean by cosine, with a learned scale, tuned by episodes from a body that was trained before.</summary>
/// <remarks>
/// The logit of class k is τ · cos(f(x), c_k), with c_k the mean of the support's features before they are brought to unit length; the body and τ are learned.
/// The recipe begins with the body of a classifier of all classes (<c>startFrom</c> in a configuration), and keeps the parameters of the best validation:
/// accuracy on new classes soon falls again while that on the classes of meta-training rises. <b>Differs from the paper:</b> nothing in the second stage.
/// </remarks>
[Paper("Chen, Liu, Xu, Darrell and Wang: Meta-Baseline: Exploring Simple Meta-Learning for Few-Shot Learning", "ICCV 2021", "https://arxiv.org/abs/2003.04390")]
public sealed record MetaBaseline : IMetaLearner
{
    private const string Prefix = "cosine";

    /// <summary>The scale τ before training, positive; default 10.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 10;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random).With([new($"{Prefix}.scale", Tensor.Of(Scale))]);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: class means need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "Meta-Baseline");
        return new([Episodic.OnFeatures(model, Episodic.OfModel(theta, Prefix), support, features =>
        {
            var means = support.ClassMeans(features); // [N, D]
            return queries => theta[$"{Prefix}.scale"] * Similarities.Between(Similarity.Cosine, queries, means);
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Adapt(model, parameters, episode.Support, random).Predict);
}

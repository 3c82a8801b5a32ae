using Deutero.Models;
using Deutero.Optimisers;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Baseline++: a classifier by cosines, fitted to the features of a body that stays as it is.</summary>
/// <remarks>
/// <para>The logit of class k is s · cos(w_k, f(x)); the w_k are fitted to the support by descent with momentum. Nothing is meta-learned: the outer loop's
/// direction is 0, and the body is that of another run (<c>startFrom</c> in a configuration, with one iteration of training).</para>
/// <para><b>Differs from the paper:</b> the w_k start at the class means of the features instead of at random, so that a task has one answer; steps are
/// over the whole support set instead of over batches of 4, without a weight decay, which changes no cosine.</para>
/// </remarks>
[Paper("Chen, Liu, Kira, Wang and Huang: A Closer Look at Few-shot Classification", "ICLR 2019", "https://arxiv.org/abs/1904.04232")]
[NotAGradient("0: the body stays as it is")]
public sealed record BaselinePlusPlus : IMetaLearner
{
    private const double Momentum = 0.9;

    /// <summary>The factor s of cosines, positive; default 2, the authors' program's for up to 200 classes.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 2;

    /// <summary>The rate of the descent, for a loss that is a mean and features of unit length, positive; default 0.1.</summary>
    public double Rate { get; init => field = Setting.Positive(value, nameof(Rate)); } = 0.1;

    /// <summary>Steps of the descent over the whole support set, at least 0; default 100.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 0, nameof(Steps)); } = 100;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: the classifier needs classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "Baseline++");
        return new([Episodic.OnFeatures(model, theta, support, features =>
        {
            var unit = Similarities.Unit(features).Detach();
            var head = Episodic.Minimise(
                at => Objectives.CrossEntropy(Logits(at, unit), support), [new("weight", support.ClassMeans(unit))], // [N, D]
                GradientTransform.Chain(GradientTransform.Momentum(Momentum), GradientTransform.Sgd(Rate)), Steps);
            return queries => Logits(head, queries);
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.NothingToLearn(theta, episode, Adapt(model, theta, episode.Support, random));

    private Tensor Logits(Parameters head, Tensor features) => Scale * Similarities.Between(Similarity.Cosine, features, head["weight"]);
}

using Deutero.Models;
using Deutero.Optimisers;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Linear probing: a logistic regression on the features of a body that stays as it is.</summary>
/// <remarks>
/// <para>Of unit length, the support's features give the weights W and biases b that minimise the sum of cross-entropies and λ/2 ||W||², by descent with
/// momentum from 0. Nothing is meta-learned: the outer loop's direction is 0, and the body is that of another run (<c>startFrom</c> in a configuration, with
/// one iteration of training).</para>
/// <para><b>Differs from the paper:</b> a given number of steps of descent instead of L-BFGS to convergence; support images are not augmented; without
/// distillation.</para>
/// </remarks>
[Paper("Tian, Wang, Krishnan, Tenenbaum and Isola: Rethinking Few-Shot Image Classification: a Good Embedding Is All You Need?", "ECCV 2020", "https://arxiv.org/abs/2003.11539")]
[NotAGradient("0: the body stays as it is")]
public sealed record LinearProbe : IMetaLearner
{
    private const double Momentum = 0.9;

    /// <summary>The rate of the descent, for a loss that is a mean, positive; default 1.</summary>
    public double Rate { get; init => field = Setting.Positive(value, nameof(Rate)); } = 1;

    /// <summary>Steps of the descent over the whole support set; default 100.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>The penalty λ of weights, beside a sum over the support's examples, at least 0; default 1, the paper's.</summary>
    public double Penalty { get; init => field = Setting.NotNegative(value, nameof(Penalty)); } = 1;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: the probe classifies.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "A linear probe");
        return new([Episodic.OnFeatures(model, theta, support, features =>
        {
            var head = Fit(Similarities.Unit(features).Detach(), support);
            return queries => Apply(head, Similarities.Unit(queries));
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.NothingToLearn(theta, episode, Adapt(model, theta, episode.Support, random));

    private Parameters Fit(Tensor features, Examples support)
    {
        var zeros = support.OneHot().T().Matmul(features).ZerosLike(); // [N, D]
        Parameters start = [new("weight", zeros), new("bias", zeros.Sum([1]))];
        var share = Penalty / (2 * support.Count);
        return Episodic.Minimise(
            head => Objectives.CrossEntropy(Apply(head, features), support) + (share * head["weight"].Square().Sum()),
            start, GradientTransform.Chain(GradientTransform.Momentum(Momentum), GradientTransform.Sgd(Rate)), Steps);
    }

    private static Tensor Apply(Parameters head, Tensor features) => Transforms.Linear(features, head["weight"], head["bias"]);
}

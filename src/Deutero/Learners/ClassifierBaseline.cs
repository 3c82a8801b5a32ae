using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Baseline and pre-training: an ordinary classifier of all base classes, whose features then tell new classes apart by the nearest class mean.</summary>
/// <remarks>
/// <para>It is trained on minibatches of <see cref="BaseClasses"/>, whose labels mean the same class every time, with the cross-entropy of a linear layer. A
/// new task is solved without this layer: the logit of class k is the cosine of a query's features and class k's mean features, times
/// <see cref="Scale"/>. Other learners can begin with its body.</para>
/// <para><b>Differs from the paper:</b> nothing in the method; the paper trains for 100 epochs, with a weight decay.</para>
/// </remarks>
[Paper("Chen, Liu, Xu, Darrell and Wang: Meta-Baseline: Exploring Simple Meta-Learning for Few-Shot Learning", "ICCV 2021", "https://arxiv.org/abs/2003.04390")]
public sealed record ClassifierBaseline : IMetaLearner
{
    /// <summary>What cosines are multiplied by; default 10.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 10;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: class means need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "The classifier baseline");
        var body = model.WithShape([.. support.Inputs.Shape.Skip(1)], outputs: 0);
        return new([Episodic.OnFeatures(body, theta, support, features =>
        {
            var means = support.ClassMeans(features); // [N, D]
            return queries => Scale * Similarities.Between(Similarity.Cosine, queries, means);
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => inputs => model.Forward(parameters, inputs));
}

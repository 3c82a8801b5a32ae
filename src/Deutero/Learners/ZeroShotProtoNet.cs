using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Prototypical networks without examples: each class's prototype is made of what is known of the class, and queries go to the nearest.</summary>
/// <remarks>
/// With v_k the attributes of class k (<see cref="Examples.Attributes"/>), g a linear layer (<c>attributes.*</c>) that is learned beside the model f, and
/// c_k = g(v_k) / ||g(v_k)||, the logit of class k is −||f(x) − c_k||². Queries are not brought to unit length. Examples in the support set are not looked at.
/// <b>Differs from the paper:</b> nothing in the method; there f is a linear layer over features of GoogLeNet, and the classes of an update are 50.
/// </remarks>
[Paper("Snell, Swersky and Zemel: Prototypical Networks for Few-shot Learning", "NeurIPS 2017", "https://arxiv.org/abs/1703.05175")]
public sealed record ZeroShotProtoNet : IMetaLearner
{
    private const string Prefix = "attributes";

    /// <summary>The attributes of a class, at least 1; default 100, the numbers of a word vector.</summary>
    public int Attributes { get; init => field = Setting.AtLeast(value, 1, nameof(Attributes)); } = 100;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) =>
        model.Init(random).With(Dense.Linear(random, "embedding", Attributes, model.OutputWidth).Prefixed(Prefix));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression, or the support set has no attributes, or of another number.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var attributes = Episodic.AttributesOf(support, Attributes, nameof(ZeroShotProtoNet));
        var prototypes = Similarities.Unit(Dense.Linear(theta.Under(Prefix), "embedding", attributes)); // [N, D]
        return new([new FeaturePredictor(model, Episodic.OfModel(theta, Prefix), ComparedTo(prototypes)).Predict]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    private static Func<Tensor, Tensor> ComparedTo(Tensor prototypes) => queries => Similarities.Between(Similarity.SquaredEuclidean, queries, prototypes);
}

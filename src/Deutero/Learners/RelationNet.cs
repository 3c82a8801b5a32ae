using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Relation networks: the comparison of a query with a class is learned, too, by a small network on the features of both.</summary>
/// <remarks>
/// <para>The features of a class are the sum over its support examples. The relation score r of a query and a class lies in (0, 1), and the outer loop
/// descends along the gradient of the mean over all pairs of (r − 1)² for the query's class and r² for others. Predictions are the scores' log-odds, of
/// which the loss is reported. Feature maps of 4x4 or larger, such as those of Conv4 with two halvings, are compared by two blocks of
/// convolutions and two linear layers; others by linear layers.</para>
/// <para><b>Differs from the paper:</b> initial weights are uniform, and the body pads all its convolutions, so that maps of Omniglot are 7x7 instead of
/// 5x5. As in the authors' program, the relation module's BatchNorm always takes the statistics of the pairs at hand.</para>
/// <para><b>Cost:</b> the second block runs once for every pair of a query and a class.</para>
/// </remarks>
[Paper("Sung, Yang, Zhang, Xiang, Torr and Hospedales: Learning to Compare: Relation Network for Few-Shot Learning", "CVPR 2018", "https://arxiv.org/abs/1711.06025")]
[NotAGradient("∇ mean (r − 1[y = k])², with r the relation scores of queries and classes")]
public sealed record RelationNet : IMetaLearner
{
    private const string Prefix = "relation";

    /// <summary>Filters, or the width of hidden layers, of the relation module, at least 1; default 64.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 64;

    /// <summary>
    /// Whether the features of a class are the mean over its examples instead of their sum, so that a network serves any number of shots; default false.
    /// </summary>
    public bool Average { get; init; }

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) =>
        model.Init(random).With(RelationModule.Of(model, Width).Init(random).Prefixed(Prefix));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: relations are with classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "A relation network");
        var (relation, weights) = (RelationModule.Of(model, Width), theta.Under(Prefix));
        return new([Episodic.OnFeatures(model, Episodic.OfModel(theta, Prefix), support, features =>
        {
            var classes = Average ? support.ClassMeans(features) : support.OneHot().T().Matmul(features); // [N, F]
            return queries => relation.Compare(weights, queries, classes);
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var result = Episodic.QueryGradient(theta, episode, Loss, parameters => Adapt(model, parameters, episode.Support, random).Predict);
        return result with { Loss = Objectives.CrossEntropy(result.Predictions, episode.Query) };
    }

    private static Tensor Loss(Tensor logOdds, Examples examples) => (logOdds.Sigmoid() - examples.OneHot()).Square().Mean();
}

using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Matching networks: a query attends to the support examples, and the probability of a class is the attention that its examples receive.</summary>
/// <remarks>
/// <para>The attention on support example i is softmax_i(s · cos(f(x), g(x_i))), over all examples of all classes; predictions are log-probabilities. Classes
/// with more examples than others are favoured, unlike with prototypes.</para>
/// <para><b>Differs from the paper:</b> cosines are multiplied by <see cref="Scale"/>, as in later programs; the paper's 1 gives an attention that is nearly
/// flat. With <see cref="FullContext"/> the support is read in an order drawn at random for each task, because two LSTMs read it.</para>
/// </remarks>
[Paper("Vinyals, Blundell, Lillicrap, Kavukcuoglu and Wierstra: Matching Networks for One Shot Learning", "NeurIPS 2016", "https://arxiv.org/abs/1606.04080")]
public sealed record MatchingNet : IMetaLearner
{
    private const string Prefix = "context";

    /// <summary>What cosines are multiplied by, positive; default 10.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 10;

    /// <summary>Whether features depend on the whole support set, through LSTMs: the paper's full context embeddings; default false.</summary>
    public bool FullContext { get; init; }

    /// <summary>Steps of attention in which a query reads the support, with <see cref="FullContext"/>; default 3.</summary>
    public int ContextSteps { get; init => field = Setting.AtLeast(value, 1, nameof(ContextSteps)); } = 3;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) =>
        FullContext ? model.Init(random).With(ContextEmbedding.Init(random, model.OutputWidth).Prefixed(Prefix)) : model.Init(random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: attention is collected by class.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "A matching network");
        var (own, count) = (Episodic.OfModel(theta, Prefix), (int)support.Count);
        var order = FullContext ? random.Choose(count, count) : [];
        return new([Episodic.OnFeatures(model, own, support, features =>
        {
            if (!FullContext)
            {
                return queries => LogProbabilities(queries, features, support);
            }

            var weights = theta.Under(Prefix);
            var context = ContextEmbedding.OfSupport(weights, features, order);
            return queries => LogProbabilities(ContextEmbedding.OfQueries(weights, queries, context, ContextSteps), context, support);
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // Sums over a class are taken of logarithms, so that attention that underflows still has a gradient: [M, N]
    private Tensor LogProbabilities(Tensor queries, Tensor references, Examples support)
    {
        var attention = Scale * Similarities.Between(Similarity.Cosine, queries, references); // [M, NK]
        return Similarities.ByClass(attention, support.OneHot()).Logsumexp([2]).LogSoftmax(-1);
    }
}

using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>LaplacianShot: prototypes whose answers for queries that are near each other are drawn together.</summary>
/// <remarks>
/// <para>With u the squared distances of queries to prototypes and W a graph of each query's nearest other queries, assignments Y start as
/// softmax(−u) and are repeated as softmax(−u + λWY), which lowers Σ y·log y + u·y − λ/2 (WY)·y where W is symmetric. Predictions are their logarithms. Meta-training is that of
/// prototypical networks, without the graph.</para>
/// <para><b>Transductive:</b> a query's prediction depends on the other queries. <b>Differs from the paper:</b> features are not centred nor brought to unit
/// length, prototypes are not rectified by the queries, and the number of rounds is fixed.</para>
/// </remarks>
[Paper("Ziko, Dolz, Granger and Ben Ayed: Laplacian Regularized Few-Shot Learning", "ICML 2020", "https://arxiv.org/abs/2006.15486")]
[Transductive]
public sealed record LaplacianShot : IMetaLearner
{
    /// <summary>The weight λ of a neighbour's assignment, at least 0; default 0.7; to be chosen on validation classes.</summary>
    public double Weight { get; init => field = Setting.NotNegative(value, nameof(Weight)); } = 0.7;

    /// <summary>The other queries that each query is linked to; default 2, the authors' program's.</summary>
    public int Neighbours { get; init => field = Setting.AtLeast(value, 1, nameof(Neighbours)); } = 2;

    /// <summary>The times that assignments are repeated; default 20, the authors' program's greatest number.</summary>
    public int Rounds { get; init => field = Setting.AtLeast(value, 0, nameof(Rounds)); } = 20;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: prototypes need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "LaplacianShot");
        return new([Episodic.OnFeatures(model, theta, support, features =>
        {
            var prototypes = support.ClassMeans(features); // [N, D]
            return queries => Propagate(Similarities.Between(Similarity.SquaredEuclidean, queries, prototypes), Graph(queries));
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) => new ProtoNet().MetaGradient(model, theta, episode, random);

    // Logarithms of the assignments [M, N], from minus the distances u [M, N] and the links W [M, M].
    internal Tensor Propagate(Tensor similarities, Tensor links)
    {
        var assignments = similarities.LogSoftmax(-1);
        for (var round = 0; round < Rounds; round++)
        {
            assignments = (similarities + (Weight * links.Matmul(assignments.Exp()))).LogSoftmax(-1);
        }

        return assignments;
    }

    // 1 where the column is among the queries nearest to the row's, but for itself.
    private Tensor Graph(Tensor queries)
    {
        var count = (int)queries.Size(0);
        var self = Tensor.Eye(count, queries.DType, queries.Device);
        if (count == 1)
        {
            return self - self;
        }

        var similarities = Similarities.Between(Similarity.SquaredEuclidean, queries, queries) - (self * 1e9);
        var (_, nearest) = similarities.Topk(Math.Min(Neighbours, count - 1)); // [M, k]
        return nearest.Unsqueeze(2).Eq(Tensor.Arange(0, count, 1, DType.Int64, queries.Device)).To(queries.DType).Sum([1]);
    }
}

using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>A linear support vector machine on deep features, solved for each task and differentiated at its solution.</summary>
/// <remarks>
/// <para>With X the support's features, the dual of Crammer and Singer's machine is solved for A [NK, N], and the logits of queries are s·X_q Xᵀ A, with a
/// learned scale s. As in the authors' program, the identity is added to the Gram matrix XXᵀ, there is no bias, and the alternative head is ridge regression,
/// A = 2(XXᵀ + λI)⁻¹Y. Gradients pass through the conditions of optimality at the solution, not through the solver's steps.</para>
/// <para><b>Differs from the authors' program:</b> the interior-point method solves one small system for each class instead of a single large one, in
/// float64, whatever the model's element type. Their network, augmentations and label smoothing are not part of the learner.</para>
/// <para><b>Cost:</b> 26 inverses for each class, of a matrix of the number of support examples.</para>
/// </remarks>
[Paper("Lee, Maji, Ravichandran and Soatto: Meta-Learning with Differentiable Convex Optimization", "CVPR 2019", "https://arxiv.org/abs/1904.03758")]
public sealed record MetaOptNet : IMetaLearner
{
    private const string Prefix = "svm";

    /// <summary>What is fitted to the support's features; default the support vector machine.</summary>
    public ConvexHead Head { get; init; }

    /// <summary>The bound C of the dual variables of the support vector machine, positive: smaller regularises more; default 0.1, the paper's.</summary>
    public double Bound { get; init => field = Setting.Positive(value, nameof(Bound)); } = 0.1;

    /// <summary>The penalty λ of ridge regression, positive; default 50, the authors' program's.</summary>
    public double Penalty { get; init => field = Setting.Positive(value, nameof(Penalty)); } = 50;

    /// <summary>The factor s of the logits before training, positive; default 1.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 1;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random).With([new($"{Prefix}.scale", Tensor.Of(Scale))]);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: a support vector machine needs classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "A support vector machine");
        var scale = theta[$"{Prefix}.scale"];
        return new([Episodic.OnFeatures(model, Episodic.OfModel(theta, Prefix), support, features =>
        {
            var weights = Fit(features, support.OneHot()); // [D, N]
            return queries => scale * queries.Matmul(weights);
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    private Tensor Fit(Tensor features, Tensor labels)
    {
        if (Head == ConvexHead.Ridge)
        {
            return 2 * R2d2.Solve(features, labels, features.FullLike(Penalty).Narrow(0, 0, 1).Narrow(1, 0, 1));
        }

        var gram = features.Matmul(features.T());
        return features.T().Matmul(CrammerSinger.Solve(gram + Tensor.Eye(gram.Size(0), gram.DType, gram.Device), labels, Bound));
    }
}

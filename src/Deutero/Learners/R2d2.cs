using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Ridge regression on deep features, solved exactly for each task and differentiated through its closed form.</summary>
/// <remarks>
/// <para>With X the support's features and a column of ones, and Y its labels as rows with a single 1: W = (XᵀX + λI)⁻¹XᵀY, which is
/// Xᵀ(XXᵀ + λI)⁻¹Y (Woodbury), and the smaller of the two systems is solved. The logits of queries are a·X_q W + b. The outer loop learns the
/// features, a, b and λ.</para>
/// <para><b>Differs from the paper:</b> λ is learned through its logarithm, so that it stays positive; the authors' program divides X and Y by √n, which
/// makes its λ that of a mean, n times smaller than this one. Regression has no a and b.</para>
/// <para><b>Cost:</b> one linear system of the smaller of the number of support examples and the width of the features.</para>
/// </remarks>
[Paper("Bertinetto, Henriques, Torr and Vedaldi: Meta-learning with Differentiable Closed-form Solvers", "ICLR 2019", "https://arxiv.org/abs/1805.08136")]
public sealed record R2d2 : IMetaLearner
{
    private const string Prefix = "ridge";

    /// <summary>The penalty λ before training, positive; default 1.</summary>
    public double Penalty { get; init => field = Setting.Positive(value, nameof(Penalty)); } = 1;

    /// <summary>The factor a of the logits before training, positive; default 10, the paper's but for miniImageNet.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 10;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        Parameters added = [new("penalty", Tensor.Of(Math.Log(Penalty))), new("scale", Tensor.Of(Scale)), new("shift", Tensor.Of(0))];
        return model.Init(random).With(added.Prefixed(Prefix));
    }

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var (own, ridge) = (Episodic.OfModel(theta, Prefix), theta.Under(Prefix));
        return new([Episodic.OnFeatures(model, own, support, features =>
        {
            var targets = support.IsClassification ? support.OneHot() : support.Targets; // [NK, N]
            var weights = Solve(WithOnes(features), targets, ridge["penalty"].Exp()); // [D + 1, N]
            return support.IsClassification
                ? queries => (ridge["scale"] * WithOnes(queries).Matmul(weights)) + ridge["shift"]
                : queries => WithOnes(queries).Matmul(weights);
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.Standard, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // argmin ||XW − Y||² + λ||W||²: [D, N]
    internal static Tensor Solve(Tensor features, Tensor targets, Tensor penalty)
    {
        var transposed = features.T();
        return features.Size(0) <= features.Size(1)
            ? transposed.Matmul(Tensor.LinalgSolve(Penalised(features.Matmul(transposed), penalty), targets))
            : Tensor.LinalgSolve(Penalised(transposed.Matmul(features), penalty), transposed.Matmul(targets));
    }

    internal static Tensor Penalised(Tensor gram, Tensor penalty) => gram + (penalty * Tensor.Eye(gram.Size(0), gram.DType, gram.Device));

    internal static Tensor WithOnes(Tensor features) =>
        Tensor.Cat([features, features.Narrow(1, 0, 1).OnesLike()], 1); // [N, D + 1]
}

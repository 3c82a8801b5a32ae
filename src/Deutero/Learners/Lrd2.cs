using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Logistic regression on deep features, solved by a few of Newton's steps for each task, all of them differentiated.</summary>
/// <remarks>
/// <para>One class against the rest, for each class. With η = Xw, μ = sigmoid(η) and s = μ(1 − μ), each step is a ridge regression on
/// z = η + (y − μ)/s: w = Xᵀ(XXᵀ + λ diag(1/s))⁻¹z (iteratively reweighted least squares), from η = 0. Logits are X_q w.</para>
/// <para><b>Differs from the paper:</b> λ is learned through its logarithm, as in <see cref="R2d2"/>.</para>
/// <para><b>Cost:</b> a linear system of the number of support examples for each class and step.</para>
/// </remarks>
[Paper("Bertinetto, Henriques, Torr and Vedaldi: Meta-learning with Differentiable Closed-form Solvers", "ICLR 2019", "https://arxiv.org/abs/1805.08136")]
public sealed record Lrd2 : IMetaLearner
{
    private const string Prefix = "logistic";

    /// <summary>The penalty λ before training, positive; default 1.</summary>
    public double Penalty { get; init => field = Setting.Positive(value, nameof(Penalty)); } = 1;

    /// <summary>Newton's steps, at least 1; default 5.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 5;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random).With([new($"{Prefix}.penalty", Tensor.Of(Math.Log(Penalty)))]);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: logistic regression needs classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "Logistic regression");
        var penalty = theta[$"{Prefix}.penalty"].Exp();
        return new([Episodic.OnFeatures(model, Episodic.OfModel(theta, Prefix), support, features =>
        {
            var weights = Fit(R2d2.WithOnes(features), support.OneHot(), penalty); // [D + 1, N]
            return queries => R2d2.WithOnes(queries).Matmul(weights);
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    private Tensor Fit(Tensor features, Tensor labels, Tensor penalty)
    {
        var gram = features.Matmul(features.T()); // [NK, NK]
        var signs = ((2 * labels) - 1).T(); // [N, NK]
        var (eta, dual) = (signs.ZerosLike(), signs.ZerosLike());
        for (var step = 0; step < Steps; step++)
        {
            // (y − μ)/s and 1/s without a difference or a quotient of small numbers.
            var targets = eta + (signs * (1 + (-(signs * eta)).Exp()));
            var spread = 2 + eta.Exp() + (-eta).Exp();
            var system = gram.Unsqueeze(0) + (penalty * spread.Unsqueeze(-1) * Tensor.Eye(gram.Size(0), gram.DType, gram.Device)); // [N, NK, NK]
            dual = Tensor.LinalgSolve(system, targets.Unsqueeze(-1)).Squeeze(-1);
            eta = dual.Matmul(gram);
        }

        return features.T().Matmul(dual.T());
    }
}

using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Prototypical networks: each class is the mean of its embedded support examples, and queries go to the nearest.</summary>
/// <remarks>
/// The logit of class k is −||f(x) − c_k||², with c_k the prototype; gradients flow through queries and prototypes. Meta-training with more ways
/// than the test episodes have is part of the recipe (60-way for Omniglot). <b>Differs from the paper:</b> nothing.
/// </remarks>
[Paper("Snell, Swersky and Zemel: Prototypical Networks for Few-shot Learning", "NeurIPS 2017", "https://arxiv.org/abs/1703.05175")]
public sealed record ProtoNet : IMetaLearner
{
    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: prototypes need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        if (!support.IsClassification)
        {
            throw new ArgumentException("Prototypical networks classify, but the support set has values instead of class labels.");
        }

        // Under the Episode policy the prototypes depend on the queries that share the batch, so both are embedded at prediction.
        if (model.BatchNorm == BatchNormPolicy.Episode)
        {
            return new([inputs =>
            {
                var together = model.Forward(theta, Tensor.Cat([support.Inputs, inputs])); // [NK + M, D]
                return Logits(
                    support.ClassMeans(together.Narrow(0, 0, support.Count)), together.Narrow(0, support.Count, inputs.Size(0)));
            }]);
        }

        var prototypes = support.ClassMeans(model.Forward(theta, support.Inputs)); // [N, D]
        return new([inputs => Logits(prototypes, model.Forward(theta, inputs))]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // −||z − c||² = 2 z·c − ||c||² − ||z||²: [M, N]
    private static Tensor Logits(Tensor prototypes, Tensor embedded) =>
        (2 * embedded.Matmul(prototypes.T())) - prototypes.Square().Sum([1]) - embedded.Square().Sum([1], keepdim: true);
}

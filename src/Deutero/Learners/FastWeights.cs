using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Fast weights: a recurrent network with a second matrix of weights that is written by its own states and fades, an attention to the recent past.</summary>
/// <remarks>
/// <para>With A(t) = λ A(t − 1) + η h(t) h(t)ᵀ, from A = 0: z = W h(t) + C x(t + 1) + b, h_0 = relu(LN(z)), and h_{s+1} = relu(LN(z + A(t) h_s)) a few
/// times, the last of which is h(t + 1). A is never written down: A(t) h = η Σ_τ λ^{t − τ} h(τ) (h(τ) · h), which is attention to the states so far.</para>
/// <para>The support set is read in a random order, each item the features of an example beside the code of its label; a query, with the code 0, is the last
/// item, and its logits are computed of the last state. <b>Differs from the paper:</b> labels enter as the rows of the model's last layer, which the logits
/// are read with, too.</para>
/// </remarks>
[Paper("Ba, Hinton, Mnih, Leibo and Ionescu: Using Fast Weights to Attend to the Recent Past", "NeurIPS 2016", "https://arxiv.org/abs/1610.06258")]
[Sequential]
public sealed record FastWeights : IMetaLearner
{
    private const string Prefix = "fast";

    // How W begins, as a multiple of the identity.
    private const double Identity = 0.05;

    /// <summary>The width of the state, at least 1; default 100.</summary>
    public int Hidden { get; init => field = Setting.AtLeast(value, 1, nameof(Hidden)); } = 100;

    /// <summary>How much of the fast weights remains after a step, λ, at least 0 and below 1; default 0.95.</summary>
    public double Decay { get; init => field = Setting.Fraction(value, nameof(Decay)); } = 0.95;

    /// <summary>How fast they are written, η, at least 0; 0 leaves a recurrent network; default 0.5.</summary>
    public double Rate { get; init => field = Setting.NotNegative(value, nameof(Rate)); } = 0.5;

    /// <summary>How often they are applied for an item, S, at least 0; default 1.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 0, nameof(Steps)); } = 1;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var own = model.Init(random);
        var features = LabelCodes.Width(own);
        return Dense.Linear(random, "input", 2 * features, Hidden).With([new("recurrent", Identity * Tensor.Eye(Hidden))])
            .With(Dense.Norm("norm", Hidden)).With(Dense.Linear(random, "answer", Hidden, features)).Prefixed(Prefix).With(own);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The episode has more classes than those that the network was trained with.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var (codes, weights) = (LabelCodes.Of(model, Episodic.OfModel(theta, Prefix), support), theta.Under(Prefix));
        var order = Sequences.Order(random, support.Count, support.Inputs.Device);
        return new([codes.OnFeatures(support, features =>
        {
            var items = Tensor.Cat([features, codes.Of(support)], 1).IndexSelect(0, order); // [T, 2F]
            var states = new List<Tensor>();
            for (var place = 0; place < support.Count; place++)
            {
                states.Add(Step(weights, states, items.Narrow(0, place, 1)));
            }

            return queries => codes.Predict(Dense.Linear(weights, "answer", Step(weights, states, Tensor.Cat([queries, queries.ZerosLike()], 1))));
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.Standard, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // The state that follows the states [1, H] so far, for each of the items [B, ...]: [B, H]
    internal Tensor Step(Parameters weights, IReadOnlyList<Tensor> states, Tensor items)
    {
        var boundary = Dense.Linear(weights, "input", items);
        boundary = states.Count > 0 ? boundary + states[^1].Matmul(weights["recurrent"].T()) : boundary;
        var hidden = Dense.Norm(weights, "norm", boundary).Relu();
        for (var step = 0; step < (states.Count > 0 ? Steps : 0); step++)
        {
            hidden = Dense.Norm(weights, "norm", boundary + Attend(Tensor.Cat([.. states]), hidden)).Relu();
        }

        return hidden;
    }

    // A h for each h of [B, H], from the states [T, H] that wrote A.
    internal Tensor Attend(Tensor states, Tensor hidden)
    {
        var age = Tensor.Arange(states.Size(0) - 1, -1, -1, states.DType, states.Device);
        return (hidden.Matmul(states.T()) * (Rate * (age * Math.Log(Math.Max(Decay, double.Epsilon))).Exp())).Matmul(states);
    }
}

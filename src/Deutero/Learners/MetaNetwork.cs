using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Meta networks: what a learned map makes of the support's gradients are fast weights, kept for each example and retrieved by attention.</summary>
/// <remarks>
/// <para>On the features f of the model stand a representation u = relu(Q f) + relu(Q* f) and the model's last layer, W. The gradients of the support's losses with
/// respect to the slow weights Q, of W on relu(Q f), are read number by number by an LSTM, whose last output is Q*. Those with respect to W are mapped, number by
/// number, to W*_i for each example i. A query's logits are (W + Σ_i a_i W*_i) f + b, with a the softmax of the cosines of u with the support's.</para>
/// <para>Gradients are shown to both as their logarithm and sign, and are constants to the outer loop: it descends along the gradient of the query loss with them fixed.
/// <b>Differs from the paper:</b> fast weights in the last layer of the base learner and in one layer of the representation, on one body; one
/// last layer for both losses; all support examples, in a random order; cosines are multiplied by <see cref="Scale"/>.</para>
/// </remarks>
[Paper("Munkhdalai and Yu: Meta Networks", "ICML 2017", "https://arxiv.org/abs/1703.00837")]
[NotAGradient("∇ of the query loss with the support's gradients as constants")]
[Sequential]
public sealed record MetaNetwork : IMetaLearner
{
    private const string Prefix = "meta";

    // Gradients below e^-7 are shown as they are: the paper's.
    private const double Exponent = 7;

    /// <summary>The width of the networks that see gradients, at least 1; default 20, the paper's.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 20;

    /// <summary>What cosines are multiplied by, positive; default 10, where the paper has 1.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 10;

    private Mlp Map => new() { Inputs = 2, Hidden = [Width, Width], Outputs = 1 };

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var own = model.Init(random);
        var features = LabelCodes.Width(own);
        var bound = 1 / Math.Sqrt(features);
        return new Parameters[]
        {
            CoordinateLstm.Init(random, 2, Width, layers: 1, 1 / Math.Sqrt(Width)), Dense.Linear(random, "fast", Width, 1), Map.Init(random).Prefixed("map"),
        }.Aggregate(Parameters.Create([new("slow", random.Uniform([features, features], -bound, bound))]), (all, part) => all.With(part)).Prefixed(Prefix).With(own);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The episode has more classes than those that the network was trained with.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        new([Learn(model, theta, theta, support, Sequences.Order(random, support.Count, support.Inputs.Device))]);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.Standard, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // With the support's gradients at other parameters, which are constants.
    internal Predictor Learn(IModel model, Parameters theta, Parameters at, Examples support, Tensor order)
    {
        var (codes, weights) = (LabelCodes.Of(model, Episodic.OfModel(theta, Prefix), support), theta.Under(Prefix));
        return codes.OnFeatures(support, features =>
        {
            var constant = ReferenceEquals(theta, at) ? features : codes.Body.Forward(at, support.Inputs);
            var (ofSlow, ofHead) = Gradients(LabelCodes.Of(model, Episodic.OfModel(at, Prefix), support), at.Under(Prefix)["slow"], constant, support);
            var fast = Read(weights, ofSlow.Detach().IndexSelect(0, order)); // [F, F]
            var rows = Map.Forward(weights.Under("map"), CoordinateLstm.Preprocess(ofHead.Detach().Reshape([-1]), Exponent)).Reshape([.. ofHead.Shape]); // [T, N, F]
            Tensor Represent(Tensor values) => values.Matmul(weights["slow"].T()).Relu() + values.Matmul(fast.T()).Relu();
            var keys = Represent(features);
            return queries =>
            {
                var attention = (Scale * Similarities.Between(Similarity.Cosine, Represent(queries), keys)).Softmax(-1); // [M, T]
                var said = queries.Matmul(rows.Reshape([-1, queries.Size(1)]).T()).Reshape([queries.Size(0), rows.Size(0), rows.Size(1)]); // [M, T, N]
                return codes.Predict(queries) + (attention.Unsqueeze(2) * said).Sum([1]);
            };
        });
    }

    // Of each example's loss with respect to the slow weights of the representation, [T, F, F], and to those of the last layer, [T, N, F].
    internal static (Tensor OfSlow, Tensor OfHead) Gradients(LabelCodes codes, Tensor slow, Tensor features, Examples support)
    {
        Tensor Residual(Tensor values) => support.IsClassification
            ? codes.Predict(values).Softmax(-1) - support.OneHot()
            : 2.0 / codes.Rows.Size(0) * (codes.Predict(values) - support.Targets);
        var hidden = features.Matmul(slow.T());
        var atHidden = Residual(hidden.Relu()).Matmul(codes.Rows) * hidden.Gt(0).To(hidden.DType);
        return (atHidden.Unsqueeze(2) * features.Unsqueeze(1), Residual(features).Unsqueeze(2) * features.Unsqueeze(1));
    }

    // An LSTM sees the gradients [T, F, F] of one example after the other, with a state for each number.
    private Tensor Read(Parameters weights, Tensor gradients)
    {
        var state = CoordinateLstm.Rest([new("slow", gradients[0])], Width, layers: 1);
        var output = state.Leaves[0];
        for (var example = 0; example < gradients.Size(0); example++)
        {
            (output, state) = CoordinateLstm.Step(weights, state, CoordinateLstm.Preprocess(gradients[example].Reshape([-1]), Exponent));
        }

        return Dense.Linear(weights, "fast", output).Reshape([gradients.Size(1), gradients.Size(2)]);
    }
}

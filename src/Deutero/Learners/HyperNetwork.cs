using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>A hypernetwork: one network reads the support set and writes the weights of another, which predicts the queries.</summary>
/// <remarks>
/// <para>For each output c (a class, whose y is the number of classes or 0, or a value), z_c is the mean over the support of an encoder of (x, y_c, y_c x), with x the features of
/// the model as it was meta-learned. Row c of the last layer is w_c + G z_c, with one G for all outputs, so that the names of classes do not matter; every other
/// number of the model is θ + G' z, with z the mean of the z_c. Both generators begin at 0: as the model θ.</para>
/// <para><b>Differs from the paper:</b> Ha et al. generate weights from a learned embedding of each layer; from a support set they come as in Bertinetto et al.
/// (NeurIPS 2016). A mean of encoded examples cannot invert a covariance, so that linear regressions are learned less well than by attention.</para>
/// <para><b>Cost:</b> a generator is as large as the part that it writes, times <see cref="Width"/>.</para>
/// </remarks>
[Paper("Ha, Dai and Le: HyperNetworks", "ICLR 2017", "https://arxiv.org/abs/1609.09106")]
public sealed record HyperNetwork : IMetaLearner
{
    private const string Prefix = "generator";

    /// <summary>The width of the encoder and of z, at least 1; default 64.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 64;

    /// <summary>Whether all of the model is generated, or, with false, its last layer alone; default true.</summary>
    public bool Body { get; init; } = true;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var own = model.Init(random);
        var features = LabelCodes.Width(own);
        var added = Encoder(features).Init(random).Prefixed("encoder").With([new("row", Tensor.Zeros([features + 1, Width]))]);
        var body = Parameters.Create([.. Body ? own.SkipLast(2) : []]);
        return added.With(body.Map(leaf => Tensor.Zeros([.. leaf.Shape, Width])).Prefixed("body")).Prefixed(Prefix).With(own);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The episode has more classes than those that the network was trained with.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var (codes, weights) = (LabelCodes.Of(model, Episodic.OfModel(theta, Prefix), support), theta.Under(Prefix));
        var outputs = Encode(weights, codes.Body.Forward(codes.Own, support.Inputs), support); // [N, Z]
        var rows = outputs.Matmul(weights["row"].T()); // [N, F + 1]
        var (width, all) = (codes.Rows.Size(1), outputs.Mean([0]));
        var body = codes.Own.With(weights.Under("body").Map((name, generator) => codes.Own[name] + generator.Matmul(all)));
        var (row, bias) = (codes.Rows + rows.Narrow(1, 0, width), codes.Bias + rows.Select(1, width));
        return new([inputs => Transforms.Linear(Episodic.ForwardBeside(codes.Body, body, support.Inputs, inputs), row, bias)]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.Standard, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // What the support says of each output: [N, Z]
    private Tensor Encode(Parameters weights, Tensor features, Examples support)
    {
        // Of N classes one is present in an example: N times 1, so that the mean is of order one.
        var values = (support.IsClassification ? support.OneHot() * support.Ways : support.Targets).T().Unsqueeze(2); // [N, T, 1]
        var (outputs, count, width) = (values.Size(0), features.Size(0), features.Size(1));
        var shared = features.Unsqueeze(0).Expand([outputs, count, width]);
        var pairs = Tensor.Cat([shared, values, values * shared], 2).Reshape([outputs * count, (2 * width) + 1]);
        return Encoder((int)width).Forward(weights.Under("encoder"), pairs).Reshape([outputs, count, Width]).Mean([1]);
    }

    private Mlp Encoder(int features) => new() { Inputs = (2 * features) + 1, Hidden = [Width, Width], Outputs = Width };
}

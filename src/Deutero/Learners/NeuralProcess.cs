using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>What the neural processes are made of: a representation of a context of points, and a decoder from it to a distribution at any target.</summary>
/// <remarks>
/// Classes are contexts of their own: the examples of a class are points with the value 1, and the mean that is predicted at a query is the logit of the
/// class. So one network serves any number of classes, whatever their names.
/// </remarks>
/// <param name="Width">The width of all hidden layers and of the representation.</param>
/// <param name="EncoderLayers">Linear layers of an encoder.</param>
/// <param name="DecoderLayers">Linear layers of the decoder.</param>
/// <param name="Outputs">The values of a point.</param>
/// <param name="Floor">The least deviation.</param>
/// <param name="Heads">The heads of attention from the target to the points; 0 for their mean.</param>
/// <param name="Latents">The latent variables; 0 for none.</param>
internal sealed record NeuralProcess(int Width, int EncoderLayers, int DecoderLayers, int Outputs, double Floor, int Heads = 0, int Latents = 0)
{
    private const string Prefix = "process";

    // The least deviation of a latent variable.
    private const double LatentFloor = 0.1;

    internal Parameters Init(IModel model, Generator random)
    {
        if (Heads > 0 && Width % Heads != 0)
        {
            throw new ArgumentException($"Width should be a multiple of the {Heads} heads but is {Width}.");
        }

        var (theta, features) = (model.Init(random), model.OutputWidth);
        var added = Network(features + Outputs, EncoderLayers, Width).Init(random).Prefixed("encoder");
        if (Heads > 0)
        {
            added = added.With(Network(features, 2, Width).Init(random).Prefixed("position")).With(Dense.Linear(random, "attended", Width, Width));
        }

        if (Latents > 0)
        {
            added = added.With(Network(features + Outputs, EncoderLayers, Width).Init(random).Prefixed("latent")).With(Dense.Linear(random, "moments", Width, 2 * Latents));
        }

        return theta.With(added.With(Network(features + Width + Latents, DecoderLayers, 2 * Outputs).Init(random).Prefixed("decoder")).Prefixed(Prefix));
    }

    internal Adaptation Adapt(IModel model, Parameters theta, Examples support)
    {
        RequireOneOutput(support);
        return new([Episodic.OnFeatures(model, Episodic.OfModel(theta, Prefix), support, features =>
        {
            var weights = theta.Under(Prefix);
            var points = new Points(features, support);
            var latent = Latents > 0 ? Latent(weights, points).Mean : null;
            return queries => Distribution(weights, points, latent, queries).Mean;
        })]);
    }

    // The predictive distribution at inputs, with the latent variables' mean: [M, outputs] both.
    internal (Tensor Mean, Tensor Deviation) Distribution(IModel model, Parameters theta, Examples support, Tensor inputs)
    {
        RequireOneOutput(support);
        var weights = theta.Under(Prefix);

        // Context and targets are embedded as in adapting, together where the BatchNorm policy says so.
        var all = Episodic.AllFeatures(model, Episodic.OfModel(theta, Prefix), support, inputs);
        var points = new Points(all.Narrow(0, 0, support.Count), support);
        return Distribution(weights, points, Latents > 0 ? Latent(weights, points).Mean : null, all.Narrow(0, support.Count, inputs.Size(0)));
    }

    internal MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        RequireOneOutput(episode.Support);
        var contexts = episode.Support.IsClassification ? episode.Ways : 1;
        var noise = Latents > 0 ? random.Normal([contexts, Latents]).To(episode.Support.Inputs.DType).To(episode.Support.Inputs.Device) : null;
        var (_, predictions, gradient) = Transforms.ValueAndGrad(
            at =>
            {
                var weights = at.Under(Prefix);
                var features = Episodic.AllFeatures(model, Episodic.OfModel(at, Prefix), episode.Support, episode.Query.Inputs); // [T + M, F]
                var queries = features.Narrow(0, episode.Support.Count, episode.Query.Count);
                var context = new Points(features.Narrow(0, 0, episode.Support.Count), episode.Support);
                var all = new Points(features, episode.Support.Concat(episode.Query));
                if (noise is null)
                {
                    var (mean, deviation) = Distribution(weights, context, null, Targets(all, queries));
                    return (Loss(mean, deviation, all.Examples, episode.Query), Last(mean, episode.Query));
                }

                var (prior, posterior) = (Latent(weights, context), Latent(weights, all));
                var sampled = Distribution(weights, context, posterior.Mean + (posterior.Deviation * noise), Targets(all, queries));
                var divergence = Divergence(posterior, prior) / (episode.Support.IsClassification ? episode.Query.Count : all.Examples.Count);
                return (Loss(sampled.Mean, sampled.Deviation, all.Examples, episode.Query) + divergence,
                    Distribution(weights, context, prior.Mean, queries).Mean);
            },
            theta);
        return new(gradient, Objectives.Standard(predictions, episode.Query), predictions);
    }

    // Of each class's, or of all points: [C, L]
    internal (Tensor Mean, Tensor Deviation) Latent(Parameters weights, Points points)
    {
        var pooled = points.Pool(Network((int)points.Features.Size(1) + Outputs, EncoderLayers, Width).Forward(weights.Under("latent"), points.Pairs));
        var moments = Dense.Linear(weights, "moments", pooled.Relu()).Chunk(2, 1);
        return (moments[0], LatentFloor + ((1 - LatentFloor) * moments[1].Sigmoid()));
    }

    // Queries [M, F] to means and deviations [M, outputs], or to logits [M, N].
    internal (Tensor Mean, Tensor Deviation) Distribution(Parameters weights, Points points, Tensor? latent, Tensor queries)
    {
        var contexts = Represent(weights, points, queries); // [M, C, W]
        var (count, classes) = (queries.Size(0), contexts.Size(1));
        var parts = new List<Tensor> { queries.Unsqueeze(1).Expand([count, classes, queries.Size(1)]), contexts };
        if (latent is not null)
        {
            parts.Add(latent.Unsqueeze(0).Expand([count, classes, Latents]));
        }

        var inputs = Tensor.Cat([.. parts], 2).Reshape([count * classes, -1]);
        var outputs = Network((int)inputs.Size(1), DecoderLayers, 2 * Outputs).Forward(weights.Under("decoder"), inputs).Chunk(2, 1);
        var deviation = Floor + ((1 - Floor) * outputs[1].Softplus());
        return (outputs[0].Reshape([count, classes * Outputs]), deviation.Reshape([count, classes * Outputs]));
    }

    // KL(q || p) of Gaussians with independent components, summed over these.
    internal static Tensor Divergence((Tensor Mean, Tensor Deviation) q, (Tensor Mean, Tensor Deviation) p)
    {
        var ratio = (q.Deviation / p.Deviation).Square();
        return 0.5 * (ratio + ((q.Mean - p.Mean) / p.Deviation).Square() - 1 - ratio.Log()).Sum();
    }

    // The mean over points of log N(y; mean, deviation), summed over outputs.
    internal static Tensor LogLikelihood(Tensor mean, Tensor deviation, Tensor values) =>
        ((((values - mean) / deviation).Square() + Math.Log(2 * Math.PI)) * -0.5 - deviation.Log()).Sum([1]).Mean();

    // What each context says to each query: [M, C, W]
    internal Tensor Represent(Parameters weights, Points points, Tensor queries)
    {
        var encoded = Network((int)points.Features.Size(1) + Outputs, EncoderLayers, Width).Forward(weights.Under("encoder"), points.Pairs); // [T, W]
        if (Heads == 0)
        {
            return points.Pool(encoded).Unsqueeze(0).Expand([queries.Size(0), points.Membership.Size(1), Width]);
        }

        Tensor Positions(Tensor features) =>
            Attention.Split(Network((int)features.Size(1), 2, Width).Forward(weights.Under("position"), features), Heads); // [H, n, D]
        var scores = Attention.Scores(Positions(queries), Positions(points.Features)).Unsqueeze(2); // [H, M, 1, T]
        var attention = (scores - (Attention.None * (1 - points.Membership.T()))).Softmax(-1); // [H, M, C, T]
        var seen = attention.Matmul(Attention.Split(encoded, Heads).Unsqueeze(1)); // [H, M, C, D]
        var merged = seen.Permute([1, 2, 0, 3]).Reshape([queries.Size(0) * points.Membership.Size(1), Width]);
        return Dense.Linear(weights, "attended", merged).Reshape([queries.Size(0), points.Membership.Size(1), Width]);
    }

    // A regression is judged on all points of the episode, of which the queries are the last.
    private static Tensor Targets(Points all, Tensor queries) => all.Examples.IsClassification ? queries : all.Features;

    private static Tensor Last(Tensor predictions, Examples query) => predictions.Narrow(0, predictions.Size(0) - query.Count, query.Count);

    private static Tensor Loss(Tensor mean, Tensor deviation, Examples all, Examples query) =>
        query.IsClassification ? Objectives.CrossEntropy(mean, query) : -LogLikelihood(mean, deviation, all.Targets);

    private void RequireOneOutput(Examples support)
    {
        if (support.IsClassification ? Outputs != 1 : support.Targets.Size(1) != Outputs)
        {
            throw new ArgumentException(
                $"Outputs should be {(support.IsClassification ? "1 in a classification" : $"{support.Targets.Size(1)}, as many as a target has values,")} but is {Outputs}.");
        }
    }

    private Mlp Network(int inputs, int layers, int outputs) => new() { Inputs = inputs, Hidden = [.. Enumerable.Repeat(Width, layers - 1)], Outputs = outputs };

    /// <summary>A context, or several side by side: features, with the examples that they are of.</summary>
    internal sealed record Points(Tensor Features, Examples Examples)
    {
        // Which context a point belongs to: [T, C]
        internal Tensor Membership { get; } = Examples.IsClassification ? Examples.OneHot() : Features.Sum([1], keepdim: true).OnesLike();

        // Features beside values: [T, F + outputs]
        internal Tensor Pairs => Tensor.Cat([Features, Examples.IsClassification ? Features.Sum([1], keepdim: true).OnesLike() : Examples.Targets], 1);

        // The mean over each context's points: [C, W]
        internal Tensor Pool(Tensor values) => Membership.T().Matmul(values) / Membership.Sum([0]).Unsqueeze(1);
    }
}

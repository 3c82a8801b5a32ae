using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>The losses of neural processes, computed again point by point from their networks.</summary>
/// <param name="Encoder">Linear layers of an encoder.</param>
/// <param name="Decoder">Linear layers of the decoder.</param>
/// <param name="Heads">The heads of attention; 0 for the mean.</param>
/// <param name="Latents">The latent variables; 0 for none.</param>
internal sealed record ProcessLosses(int Encoder, int Decoder, int Heads, int Latents)
{
    internal static ProcessLosses Of(IMetaLearner learner) => learner switch
    {
        ConditionalNeuralProcess process => new(process.EncoderLayers, process.DecoderLayers, 0, 0),
        LatentNeuralProcess process => new(process.EncoderLayers, process.DecoderLayers, 0, process.Latents),
        AttentiveNeuralProcess process => new(process.EncoderLayers, process.DecoderLayers, process.Heads, process.Latents),
        _ => throw new ArgumentException($"{learner.GetType().Name} is no neural process.", nameof(learner)),
    };

    internal double Loss(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var weights = theta.Under("process");
        var contexts = Math.Max(1, episode.Ways);
        var noise = Latents > 0 ? Rows(random.Normal([contexts, Latents]).To(DType.Float64)) : [];
        var (support, query) = (Points(model, theta, episode.Support), Points(model, theta, episode.Query));
        var judged = episode.Support.IsClassification ? query : [.. support, .. query];
        var predictions = new (double Mean, double Deviation)[judged.Length, contexts];
        var divergence = 0.0;
        for (var context = 0; context < contexts; context++)
        {
            bool Within(Point point) => !episode.Support.IsClassification || point.Target == context;
            Point[] seen = [.. support.Where(Within)], all = [.. seen, .. query.Where(Within)];
            double[] latent = [];
            if (Latents > 0)
            {
                var (prior, posterior) = (Moments(weights, seen), Moments(weights, all));
                divergence += posterior.Zip(prior, (q, p) => Math.Log(p.Deviation / q.Deviation) - 0.5
                    + (((q.Deviation * q.Deviation) + ((q.Mean - p.Mean) * (q.Mean - p.Mean))) / (2 * p.Deviation * p.Deviation))).Sum();
                latent = [.. posterior.Zip(noise[context], (q, sample) => q.Mean + (q.Deviation * sample))];
            }

            for (var i = 0; i < judged.Length; i++)
            {
                double[] input = [.. judged[i].Features, .. Represent(weights, seen, judged[i].Features), .. latent];
                var output = Network(weights.Under("decoder"), Decoder, input);
                predictions[i, context] = (output[0], 0.1 + (0.9 * Math.Log(1 + Math.Exp(output[1]))));
            }
        }

        return (divergence / judged.Length) + Enumerable.Range(0, judged.Length).Average(i => episode.Support.IsClassification
            ? Math.Log(Enumerable.Range(0, contexts).Sum(k => Math.Exp(predictions[i, k].Mean))) - predictions[i, (int)judged[i].Target].Mean
            : Surprise(judged[i].Target, predictions[i, 0]));
    }

    private sealed record Point(double[] Features, double Target, double Value)
    {
        internal double[] Pair => [.. Features, Value];
    }

    private static double Surprise(double value, (double Mean, double Deviation) p) =>
        (0.5 * Math.Pow((value - p.Mean) / p.Deviation, 2)) + Math.Log(p.Deviation * Math.Sqrt(2 * Math.PI));

    private static Point[] Points(IModel model, Parameters theta, Examples examples)
    {
        var targets = examples.Targets.To(DType.Float64).ToArray<double>();
        return [.. Rows(model.Forward(theta, examples.Inputs)).Zip(targets, (row, target) => new Point(row, target, examples.IsClassification ? 1 : target))];
    }

    private (double Mean, double Deviation)[] Moments(Parameters weights, Point[] points)
    {
        var pooled = Mean(points.Select(point => Network(weights.Under("latent"), Encoder, point.Pair)));
        var moments = Linear(weights["moments.weight"], weights["moments.bias"], [.. pooled.Select(value => Math.Max(0, value))]);
        return [.. Enumerable.Range(0, Latents).Select(i => (moments[i], 0.1 + (0.9 / (1 + Math.Exp(-moments[Latents + i])))))];
    }

    private double[] Represent(Parameters weights, Point[] points, double[] target)
    {
        var encoded = points.Select(point => Network(weights.Under("encoder"), Encoder, point.Pair)).ToArray();
        if (Heads == 0)
        {
            return Mean(encoded);
        }

        var query = Network(weights.Under("position"), 2, target);
        var keys = points.Select(point => Network(weights.Under("position"), 2, point.Features)).ToArray();
        var size = query.Length / Heads;
        var seen = new double[query.Length];
        for (var head = 0; head < Heads; head++)
        {
            var range = Enumerable.Range(head * size, size);
            var scores = keys.Select(key => Math.Exp(range.Sum(i => query[i] * key[i]) / Math.Sqrt(size))).ToArray();
            foreach (var i in range)
            {
                seen[i] = encoded.Zip(scores, (value, score) => value[i] * score).Sum() / scores.Sum();
            }
        }

        return Linear(weights["attended.weight"], weights["attended.bias"], seen);
    }

    private static double[] Mean(IEnumerable<double[]> rows) => rows.ToArray() is var all ? [.. all[0].Select((_, i) => all.Average(row => row[i]))] : [];

    private static double[] Network(Parameters weights, int layers, double[] values)
    {
        for (var layer = 1; layer <= layers; layer++)
        {
            values = Linear(weights[$"linear{layer}.weight"], weights[$"linear{layer}.bias"], values);
            values = layer < layers ? [.. values.Select(value => Math.Max(0, value))] : values;
        }

        return values;
    }

    private static double[] Linear(Tensor weight, Tensor bias, double[] values) =>
        (weight.Matmul(Tensor.From(values)) + bias).ToArray<double>();

    private static double[][] Rows(Tensor values) => [.. values.ToArray<double>().Chunk((int)values.Size(1))];
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>The slope of the loss of a denoiser of class weights, one class and draw of noise after the other.</summary>
internal static class Denoising
{
    internal static double[] Gradient(MetaDiff learner, IModel model, Parameters theta, Episode episode, Generator random, int[] coordinates)
    {
        var (support, query) = (Features(model, theta, episode.Support), Features(model, theta, episode.Query));
        var steps = Enumerable.Range(0, learner.Draws * episode.Ways).Select(_ => 1 + random.Next(learner.Steps)).ToArray();
        var noise = random.Normal([steps.Length, model.OutputWidth], dtype: DType.Float64);
        var rows = new List<Row>();
        for (var i = 0; i < steps.Length; i++)
        {
            var way = i % episode.Ways;
            var (own, all) = (Mean(support[way]), Mean([.. support[way], .. query[way]]));
            var signal = 1.0;
            for (var t = 1; t <= steps[i]; t++)
            {
                signal *= 1 - learner.FirstVariance - ((learner.LastVariance - learner.FirstVariance) * (t - 1) / (learner.Steps - 1));
            }

            var weights = (Math.Sqrt(signal) * all) + (Math.Sqrt(1 - signal) * noise[i]);
            rows.Add(new(weights, 2 * (weights - own), noise[i], Time(steps[i])));
        }

        var stacked = new Row(
            Tensor.Stack([.. rows.Select(row => row.Weights)]), Tensor.Stack([.. rows.Select(row => row.Slope)]),
            Tensor.Stack([.. rows.Select(row => row.Noise)]), Tensor.Stack([.. rows.Select(row => row.Time)]));
        return CentralDifferences.Gradient(at => Loss(learner, at.Under("denoiser"), stacked), theta, coordinates);
    }

    // Rows [draws · ways, ...].
    private static double Loss(MetaDiff learner, Parameters at, Row row)
    {
        Tensor Line(string name, Tensor inputs) => Tensor.Linear(inputs, at[$"{name}.weight"], at[$"{name}.bias"]);
        Tensor Hidden(int layer, Tensor inputs) => (Line($"layer{layer}", inputs) * Line($"time{layer}", row.Time)).Softplus();
        var mix = Line("mix2", Line("mix1", row.Time).Softplus()).Sigmoid();
        var one = Hidden(1, learner.SeesWeights ? Tensor.Cat([row.Slope, row.Weights], 1) : row.Slope);
        var two = Hidden(2, one);
        var four = Hidden(4, Hidden(3, two) + two) + one;
        var update = (Line("layer5", four) * Line("time5", row.Time)) + row.Slope;
        return (row.Noise - (mix * row.Slope) - ((1 - mix) * update)).Square().Mean().ToDouble();
    }

    // Each class's features, one item after the other.
    private static Tensor[][] Features(IModel model, Parameters theta, Examples examples)
    {
        var features = model.Forward(theta, examples.Inputs);
        var labels = examples.Targets.ToArray<long>();
        return [.. Enumerable.Range(0, examples.Ways).Select(way => labels.Index().Where(item => item.Item == way).Select(item => features[item.Index]).ToArray())];
    }

    private static Tensor Mean(Tensor[] items) => items.Aggregate((sum, next) => sum + next) / items.Length;

    private static Tensor Time(int t)
    {
        var angles = Enumerable.Range(0, 160).Select(i => t / Math.Pow(10_000, i / 160.0)).ToArray();
        return Tensor.From([.. angles.Select(Math.Cos), .. angles.Select(Math.Sin)]);
    }

    private sealed record Row(Tensor Weights, Tensor Slope, Tensor Noise, Tensor Time);
}

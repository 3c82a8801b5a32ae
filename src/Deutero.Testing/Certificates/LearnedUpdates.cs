using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>Learned optimisers number by number, and the slope of their outer loss with the inner gradients of the point itself: constants of it.</summary>
internal static class LearnedUpdates
{
    internal static double[] Gradient(LearnedOptimiser learner, IModel model, Parameters theta, Episode episode, Generator random, int[] coordinates)
    {
        var start = model.Init(random).To(DType.Float64);
        var seen = learner.Unrolling.IsExact ? null : new List<double[]>();
        _ = OuterLoss(learner, model, start, theta, episode, slope => Keep(seen, slope));
        return CentralDifferences.Gradient(
            at =>
            {
                var step = 0;
                return OuterLoss(learner, model, start, at, episode, slope => seen is null ? slope() : seen[step++]);
            },
            theta,
            coordinates);
    }

    private static double OuterLoss(
        LearnedOptimiser learner, IModel model, Parameters start, Parameters theta, Episode episode, Func<Func<double[]>, double[]> slopeOf)
    {
        var phi = start.Flatten().ToArray<double>();
        var layers = Enumerable.Range(1, learner.Layers).Select(layer => new Layer(theta, $"optimiser.lstm{layer}", learner.Hidden)).ToArray();
        var (weight, bias) = (theta["optimiser.output.weight"].ToArray<double>(), theta["optimiser.output.bias"].ToDouble());
        var states = phi.Select(_ => layers.Select(_ => new State(learner.Hidden)).ToArray()).ToArray();
        var sum = 0.0;
        for (var step = 0; step < learner.Steps; step++)
        {
            var slope = slopeOf(() => Definitions.LossGradient(model, start, phi, episode.Support, learner.Objective));
            for (var i = 0; i < phi.Length; i++)
            {
                var values = Seen(slope[i], learner.Magnitudes);
                for (var layer = 0; layer < layers.Length; layer++)
                {
                    values = layers[layer].Advance(states[i][layer], values);
                }

                phi[i] += learner.OutputScale * (bias + values.Zip(weight, (value, w) => value * w).Sum());
            }

            sum = (learner.EveryStep ? sum : 0) + Loss(model, start.Unflatten(Tensor.From(phi)), episode.Query, learner.Objective);
        }

        return sum;
    }

    private static double[] Keep(List<double[]>? seen, Func<double[]> slope)
    {
        var found = slope();
        seen?.Add(found);
        return found;
    }

    // (log|x| / p, sign x), or (-1, e^p x) where |x| is below e^-p.
    private static double[] Seen(double x, double p) =>
        p == 0 ? [x] : Math.Abs(x) >= Math.Exp(-p) ? [Math.Log(Math.Abs(x)) / p, Math.Sign(x)] : [-1, x * Math.Exp(p)];

    private static double Loss(IModel model, Parameters at, Examples examples, Objective objective)
    {
        using var scope = new TensorScope();
        return objective(model.Forward(at, examples.Inputs), examples).ToDouble();
    }

    private sealed record State(int Hidden)
    {
        internal double[] Output { get; set; } = new double[Hidden];

        internal double[] Cell { get; } = new double[Hidden];
    }

    private sealed class Layer(Parameters theta, string name, int hidden)
    {
        private readonly double[] _weight = theta[$"{name}.weight"].ToArray<double>();
        private readonly double[] _bias = theta[$"{name}.bias"].ToArray<double>();

        internal double[] Advance(State state, double[] inputs)
        {
            double[] seen = [.. inputs, .. state.Output];
            var output = new double[hidden];
            for (var unit = 0; unit < hidden; unit++)
            {
                state.Cell[unit] = (Sigmoid(Gate(1, unit)) * state.Cell[unit]) + (Sigmoid(Gate(0, unit)) * Math.Tanh(Gate(2, unit)));
                output[unit] = Sigmoid(Gate(3, unit)) * Math.Tanh(state.Cell[unit]);
            }

            return state.Output = output;

            double Gate(int gate, int unit)
            {
                var (row, sum) = ((gate * hidden) + unit, _bias[(gate * hidden) + unit]);
                for (var i = 0; i < seen.Length; i++)
                {
                    sum += _weight[(row * seen.Length) + i] * seen[i];
                }

                return sum;
            }
        }

        private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));
    }
}

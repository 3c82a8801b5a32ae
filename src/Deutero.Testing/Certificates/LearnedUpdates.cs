using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>Learned optimisers number by number, and the slope of their outer loss, of which inner gradients are constants unless they are differentiated.</summary>
internal static class LearnedUpdates
{
    internal static double[] Gradient(LearnedOptimiser learner, IModel model, Parameters theta, Episode episode, Generator random, int[] coordinates)
    {
        var start = model.Init(random).To(DType.Float64);
        return Gradient(
            learner.Unrolling, theta, coordinates, (at, look) => OuterLoss(learner, model, start, at, episode.Query, look),
            phi => Look(model, start, phi, episode.Support, learner.Objective));
    }

    internal static double[] Gradient(MetaLstm learner, IModel model, Parameters theta, Episode episode, int[] coordinates)
    {
        var structure = theta.Where(name => !name.StartsWith("lstm.", StringComparison.Ordinal));
        return Gradient(
            learner.Unrolling, theta, coordinates, (at, look) => OuterLoss(learner, model, structure, at, episode.Query, look),
            phi => Look(model, structure, phi, episode.Support, learner.Objective));
    }

    // Constants are what the loop sees at the point itself, shown to it again wherever it is evaluated.
    private static double[] Gradient(
        Unrolling unrolling, Parameters theta, int[] coordinates, Func<Parameters, Func<double[], Sight>, double> outerLoss, Func<double[], Sight> look)
    {
        if (unrolling.IsExact)
        {
            return CentralDifferences.Gradient(at => outerLoss(at, look), theta, coordinates);
        }

        var seen = new List<Sight>();
        outerLoss(theta, phi =>
        {
            seen.Add(look(phi));
            return seen[^1];
        });
        return CentralDifferences.Gradient(
            at =>
            {
                var step = 0;
                return outerLoss(at, _ => seen[step++]);
            },
            theta,
            coordinates);
    }

    private static double OuterLoss(
        LearnedOptimiser learner, IModel model, Parameters start, Parameters theta, Examples query, Func<double[], Sight> look)
    {
        var phi = start.Flatten().ToArray<double>();
        var layers = Enumerable.Range(1, learner.Layers).Select(layer => new Layer(theta, $"optimiser.lstm{layer}", learner.Hidden)).ToArray();
        var output = new Line(theta, "optimiser.output");
        var states = phi.Select(_ => layers.Select(_ => new State(learner.Hidden)).ToArray()).ToArray();
        var sum = 0.0;
        for (var step = 0; step < learner.Steps; step++)
        {
            var slope = look(phi).Slope;
            for (var i = 0; i < phi.Length; i++)
            {
                var values = Seen(slope[i], learner.Magnitudes);
                for (var layer = 0; layer < layers.Length; layer++)
                {
                    values = layers[layer].Advance(states[i][layer], values);
                }

                phi[i] += learner.OutputScale * output.Of(values);
            }

            sum = (learner.EveryStep ? sum : 0) + Loss(model, start, phi, query, learner.Objective);
        }

        return sum;
    }

    private static double OuterLoss(MetaLstm learner, IModel model, Parameters structure, Parameters theta, Examples query, Func<double[], Sight> look)
    {
        var cells = theta.Flatten().ToArray<double>()[..(int)structure.ElementCount];
        var layer = new Layer(theta, "lstm.lstm1", learner.Hidden);
        var (forgetGate, inputGate) = (new Line(theta, "lstm.forget"), new Line(theta, "lstm.input"));
        var states = cells.Select(_ => new State(learner.Hidden)).ToArray();
        var (forget, input) = (new double[cells.Length], new double[cells.Length]);
        for (var step = 0; step < learner.Steps; step++)
        {
            var (loss, slope) = look(cells);
            for (var i = 0; i < cells.Length; i++)
            {
                var values = layer.Advance(states[i], [.. Seen(loss, 10), .. Seen(slope[i], 10)]);
                forget[i] = forgetGate.Of([.. values, cells[i], forget[i]]);
                input[i] = inputGate.Of([.. values, cells[i], input[i]]);
                cells[i] = (Sigmoid(forget[i]) * cells[i]) - (Sigmoid(input[i]) * slope[i]);
            }
        }

        return Loss(model, structure, cells, query, learner.Objective);
    }

    // (log|x| / p, sign x), or (-1, e^p x) where |x| is below e^-p.
    private static double[] Seen(double x, double p) =>
        p == 0 ? [x] : Math.Abs(x) >= Math.Exp(-p) ? [Math.Log(Math.Abs(x)) / p, Math.Sign(x)] : [-1, x * Math.Exp(p)];

    private static Sight Look(IModel model, Parameters structure, double[] phi, Examples support, Objective objective) =>
        new(Loss(model, structure, phi, support, objective), Definitions.LossGradient(model, structure, phi, support, objective));

    private static double Loss(IModel model, Parameters structure, double[] at, Examples examples, Objective objective)
    {
        using var scope = new TensorScope();
        return objective(model.Forward(structure.Unflatten(Tensor.From(at)), examples.Inputs), examples).ToDouble();
    }

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));

    // What an optimiser sees of the support set.
    private sealed record Sight(double Loss, double[] Slope);

    private sealed record State(int Hidden)
    {
        internal double[] Output { get; set; } = new double[Hidden];

        internal double[] Cell { get; } = new double[Hidden];
    }

    // Rows of weights with their biases.
    private sealed class Line(Parameters theta, string name)
    {
        private readonly double[] _weight = theta[$"{name}.weight"].ToArray<double>();
        private readonly double[] _bias = theta[$"{name}.bias"].ToArray<double>();

        internal double Of(double[] inputs, int row = 0)
        {
            var sum = _bias[row];
            for (var i = 0; i < inputs.Length; i++)
            {
                sum += _weight[(row * inputs.Length) + i] * inputs[i];
            }

            return sum;
        }
    }

    private sealed class Layer(Parameters theta, string name, int hidden)
    {
        private readonly Line _gates = new(theta, name);

        internal double[] Advance(State state, double[] inputs)
        {
            double[] seen = [.. inputs, .. state.Output];
            var output = new double[hidden];
            for (var unit = 0; unit < hidden; unit++)
            {
                double Gate(int gate) => _gates.Of(seen, (gate * hidden) + unit);
                state.Cell[unit] = (Sigmoid(Gate(1)) * state.Cell[unit]) + (Sigmoid(Gate(0)) * Math.Tanh(Gate(2)));
                output[unit] = Sigmoid(Gate(3)) * Math.Tanh(state.Cell[unit]);
            }

            return state.Output = output;
        }
    }
}

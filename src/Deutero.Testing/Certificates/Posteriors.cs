using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>What the Bayesian learners minimise, number by number, and its slope by finite differences.</summary>
internal static class Posteriors
{
    // The bandwidths and the leader are those of the point itself, shown to the loop again wherever it is evaluated.
    internal static double[] Gradient(Bmaml learner, IModel model, Parameters theta, Episode episode, int[] coordinates)
    {
        var structure = theta.Under("particle0");
        var bandwidths = new List<double>();
        var chaser = Follow(learner, model, structure, Rows(theta, learner.Particles), learner.Steps, episode.Support, h => bandwidths.Add(h));
        var leader = Follow(learner, model, structure, chaser, learner.LeaderSteps, episode.Support.Concat(episode.Query), _ => { });
        return CentralDifferences.Gradient(
            at =>
            {
                var moved = Follow(learner, model, structure, Rows(at, learner.Particles), learner.Steps, episode.Support, _ => { }, bandwidths);
                return learner.Loss == BmamlLoss.Chaser
                    ? moved.Zip(leader, SquaredDistance).Sum()
                    : -Math.Log(moved.Average(particle => Math.Exp(-Loss(model, structure, particle, episode.Query, learner.Objective))));
            },
            theta,
            coordinates);
    }

    // L(φ; Q) + w Σ log σ − log v + (v² + (m_q − m_p)²) / 2σ² − 1/2 with θ = (μ, log σ, log v, log γ_p, log γ_q).
    internal static double[] Gradient(Platipus learner, IModel model, Parameters theta, Episode episode, Generator random, int[] coordinates)
    {
        var count = (int)(theta.ElementCount - 2) / 3;
        var structure = Parameters.Create([.. theta.Take((theta.Count - 2) / 3)]);
        var noise = random.Normal([count]).ToArray<float>();
        return CentralDifferences.Gradient(
            at =>
            {
                var values = at.Flatten().ToArray<double>();
                var (mean, logPrior, logPosterior) = (values[..count], values[count..(2 * count)], values[(2 * count)..(3 * count)]);
                double[] Shifted(double logRate, Examples examples) =>
                    Minus(mean, Math.Exp(logRate), Definitions.LossGradient(model, structure, mean, examples, learner.Objective));
                var (prior, posterior) = (Shifted(values[^2], episode.Support), Shifted(values[^1], episode.Query));
                var phi = posterior.Select((m, i) => m + (Math.Exp(logPosterior[i]) * noise[i])).ToArray();
                for (var step = 0; step < learner.Steps; step++)
                {
                    phi = Minus(phi, learner.InnerRate, Definitions.LossGradient(model, structure, phi, episode.Support, learner.Objective));
                }

                var divergence = Enumerable.Range(0, count).Sum(i =>
                    logPrior[i] - logPosterior[i] - 0.5
                    + ((Math.Exp(2 * logPosterior[i]) + Math.Pow(posterior[i] - prior[i], 2)) / (2 * Math.Exp(2 * logPrior[i]))));
                return Loss(model, structure, phi, episode.Query, learner.Objective) + (learner.DivergenceWeight * divergence);
            },
            theta,
            coordinates);
    }

    private static double[][] Follow(
        Bmaml learner, IModel model, Parameters structure, double[][] particles, int steps, Examples examples, Action<double> tell, List<double>? bandwidths = null)
    {
        for (var step = 0; step < steps; step++)
        {
            var old = particles;
            var slopes = old.Select(particle => Definitions.LossGradient(model, structure, particle, examples, learner.Objective)).ToArray();
            var h = bandwidths?[step] ?? Bandwidth(old);
            tell(h);
            particles = [.. old.Select(moved => moved.Select((value, i) => value + (learner.InnerRate / old.Length * old.Select((other, j) =>
                Math.Exp(-SquaredDistance(moved, other) / h) * ((2 / h * (value - other[i])) - slopes[j][i])).Sum())).ToArray())];
        }

        return particles;
    }

    private static double Bandwidth(double[][] particles)
    {
        var distances = particles.SelectMany((particle, i) => particles.Skip(i + 1).Select(other => SquaredDistance(particle, other))).Order().ToArray();
        return (distances[(distances.Length - 1) / 2] + distances[distances.Length / 2]) / 2 / Math.Log(particles.Length);
    }

    private static double SquaredDistance(double[] left, double[] right) => left.Zip(right, (a, b) => (a - b) * (a - b)).Sum();

    private static double[] Minus(double[] values, double rate, double[] slope) => [.. values.Zip(slope, (value, g) => value - (rate * g))];

    private static double[][] Rows(Parameters theta, int count) =>
        [.. theta.Flatten().ToArray<double>().Chunk((int)(theta.ElementCount / count))];

    private static double Loss(IModel model, Parameters structure, double[] phi, Examples examples, Objective objective)
    {
        using var scope = new TensorScope();
        return objective(model.Forward(structure.Unflatten(Tensor.From(phi)), examples.Inputs), examples).ToDouble();
    }
}

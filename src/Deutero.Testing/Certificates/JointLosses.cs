using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>The direction of multi-task training, from finite differences of each task's loss and by plain loops over them.</summary>
internal static class JointLosses
{
    internal static double[] Direction(MultiTask learner, IModel model, Parameters theta, Episode episode, Generator random)
    {
        var (own, query) = (theta.Without(TaskWeighing.Prefix), episode.Query);
        var tasks = TasksOf(learner, query);
        var losses = LossesOf(learner, model.Forward(own, query.Inputs), query);
        var slopes = tasks.Select(task => CentralDifferences.Gradient(at => LossesOf(learner, model.Forward(at, query.Inputs), query)[task], own)).ToArray();
        var shared = (int)(own.ElementCount - own.Leaves[^1].Count - own.Leaves[^2].Count); // the head comes last
        double[] Mixed(double[] weights) => [.. Enumerable.Range(0, slopes[0].Length).Select(i => tasks.Sum(task => weights[task] * slopes[task][i]))];
        double[] Added(string name) => theta[$"{TaskWeighing.Prefix}.{name}"].ToArray<double>();
        switch (learner.Weighing)
        {
            case TaskWeighing.Uncertainty:
                var factors = Added("logVariances").Select(s => Math.Exp(-s)).ToArray();
                return [.. Mixed(factors), .. tasks.Select(task => 0.5 - (factors[task] * losses[task]))];
            case TaskWeighing.GradNorm norm:
                var scores = Added("scores");
                var norms = slopes.Select(slope => Math.Sqrt(slope[..shared].Sum(g => g * g))).ToArray();
                var targets = Targets(norm, WeightsOf(scores), norms, [.. losses.Select((loss, task) => loss / Math.Log(Math.Min(learner.Ways, query.Ways - (task * learner.Ways))))]);
                double Unbalanced(double[] at) => tasks.Sum(task => Math.Abs((WeightsOf(at)[task] * norms[task]) - targets[task]));
                var slopeOfScores = CentralDifferences.Gradient(at => Unbalanced(at["scores"].ToArray<double>()), [new("scores", Tensor.From(scores))]);
                return [.. Mixed(WeightsOf(scores)), .. slopeOfScores];
            case TaskWeighing.PcGrad:
                var sum = Mixed([.. tasks.Select(_ => 1.0)]);
                var cleared = tasks.Select(task => Cleared(slopes, task, shared, random)).ToArray();
                return [.. Enumerable.Range(0, sum.Length).Select(i => i < shared ? cleared.Sum(gradient => gradient[i]) : sum[i])];
            default:
                return Mixed([.. tasks.Select(_ => 1.0)]);
        }
    }

    private static int[] TasksOf(MultiTask learner, Examples query) => [.. Enumerable.Range(0, (query.Ways + learner.Ways - 1) / learner.Ways)];

    private static double[] WeightsOf(double[] scores)
    {
        var powers = scores.Select(Math.Exp).ToArray();
        return [.. powers.Select(power => scores.Length * power / powers.Sum())];
    }

    private static double[] Targets(TaskWeighing.GradNorm norm, double[] weights, double[] norms, double[] progress)
    {
        var mean = weights.Zip(norms, (weight, length) => weight * length).Average();
        return [.. progress.Select(own => mean * Math.Pow(own / progress.Average(), norm.Exponent))];
    }

    private static double[] Cleared(double[][] slopes, int task, int shared, Generator random)
    {
        var gradient = slopes[task][..shared];
        foreach (var other in random.Choose(slopes.Length, slopes.Length).Where(other => other != task))
        {
            var against = slopes[other][..shared];
            var product = gradient.Zip(against, (a, b) => a * b).Sum();
            gradient = product < 0 ? [.. gradient.Zip(against, (a, b) => a - (product / against.Sum(x => x * x) * b))] : gradient;
        }

        return gradient;
    }

    // Each task's mean of −log softmax over its own classes, example by example.
    private static double[] LossesOf(MultiTask learner, Tensor outputs, Examples query)
    {
        var (logits, labels) = (outputs.ToArray<double>().Chunk(query.Ways).ToArray(), query.Targets.ToArray<long>());
        double LossOf(int example)
        {
            var start = (int)labels[example] / learner.Ways * learner.Ways;
            return Math.Log(logits[example][start..Math.Min(query.Ways, start + learner.Ways)].Sum(Math.Exp)) - logits[example][labels[example]];
        }

        return [.. TasksOf(learner, query).Select(task => Enumerable.Range(0, labels.Length).Where(i => labels[i] / learner.Ways == task).Average(LossOf))];
    }
}

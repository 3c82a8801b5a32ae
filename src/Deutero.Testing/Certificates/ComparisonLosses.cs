using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>The losses of learners that descend along another gradient than that of the loss they report, by plain loops over numbers.</summary>
internal static class ComparisonLosses
{
    // The mean over pairs of (r − 1)² for the query's class and r² for others.
    internal static double Relation(RelationNet learner, IModel model, Parameters theta, Episode episode, Generator random)
    {
        var logOdds = Rows(learner.Adapt(model, theta, episode.Support, random).Predict(episode.Query.Inputs));
        var labels = episode.Query.Targets.ToArray<long>();
        var sum = 0.0;
        for (var query = 0; query < logOdds.Length; query++)
        {
            for (var way = 0; way < episode.Ways; way++)
            {
                var error = (1 / (1 + Math.Exp(-logOdds[query][way]))) - (labels[query] == way ? 1 : 0);
                sum += error * error;
            }
        }

        return sum / (logOdds.Length * episode.Ways);
    }

    // The mean over all views of −log of the share of the other view of the same item among all others.
    internal static double Contrastive(SimClr learner, IModel model, Parameters theta, Episode episode)
    {
        Tensor Line(string name, Tensor values) => Tensor.Linear(values, theta[$"projection.{name}.weight"], theta[$"projection.{name}.bias"]);
        var features = model.Forward(theta, Tensor.Cat([episode.Support.Inputs, episode.Query.Inputs]));
        var views = Rows(Line("output", Line("hidden", features).Relu()));
        double Cosine(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(y => y * y));
        var items = views.Length / 2;
        return Enumerable.Range(0, views.Length).Average(i =>
        {
            double Weight(int j) => Math.Exp(Cosine(views[i], views[j]) / learner.Temperature);
            return -Math.Log(Weight((i + items) % views.Length) / Enumerable.Range(0, views.Length).Where(j => j != i).Sum(Weight));
        });
    }

    // Half the mean over queries of −log of their class's share among classes, and half the mean over classes of that of their queries among all queries.
    internal static double Matching(CrossModalMatching learner, IModel model, Parameters theta, Episode episode)
    {
        var logits = Rows(learner.Adapt(model, theta, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs));
        var labels = episode.Query.Targets.ToArray<long>();
        var byQuery = logits.Select((row, query) => Math.Log(row.Sum(Math.Exp)) - row[labels[query]]).Average();
        var byClass = Enumerable.Range(0, episode.Ways).Average(way =>
        {
            var all = Math.Log(logits.Sum(row => Math.Exp(row[way])));
            return logits.Where((_, query) => labels[query] == way).Average(row => all - row[way]);
        });
        return (byQuery + byClass) / 2;
    }

    internal static double Siamese(PairLoss loss, IModel model, Parameters theta, Episode episode)
    {
        var embedded = Rows(model.Forward(theta, Tensor.Cat([episode.Support.Inputs, episode.Query.Inputs])));
        long[] labels = [.. episode.Support.Targets.ToArray<long>(), .. episode.Query.Targets.ToArray<long>()];
        double Distance(int i, int j) => Math.Sqrt(embedded[i].Zip(embedded[j], (a, b) => (a - b) * (a - b)).Sum() + 1e-12);
        var all = Enumerable.Range(0, labels.Length).ToArray();
        double[] To(int anchor, bool same) => [.. all.Where(i => i != anchor && (labels[i] == labels[anchor]) == same).Select(i => Distance(anchor, i))];
        return loss switch
        {
            PairLoss.Contrastive { Margin: var margin } => (all.SelectMany(anchor => To(anchor, same: true)).Average(d => d * d)
                + all.SelectMany(anchor => To(anchor, same: false)).Average(d => Math.Pow(Math.Max(0, margin - d), 2))) / 2,
            PairLoss.Triplet triplet => all.SelectMany(anchor => Triplets(triplet.Mining, To(anchor, same: true), To(anchor, same: false)))
                .Average(excess => triplet.Soft ? Math.Log(1 + Math.Exp(excess)) : Math.Max(0, excess + triplet.Margin)),
            _ => throw new ArgumentException($"{loss} has no plain loop.", nameof(loss)),
        };
    }

    // The cross-entropy of the queries with adapted prototypes, and λ times that of all features with the means of their adapted classes.
    internal static double Feat(Feat learner, IModel model, Parameters theta, Episode episode)
    {
        var (own, weights) = (theta, theta.Under("attention"));
        var all = episode.Support.Concat(episode.Query);
        var (support, features) = (model.Forward(own, episode.Support.Inputs), model.Forward(own, all.Inputs));
        double CrossEntropy(Tensor values, double[][] centres, long[] labels) => Rows(values).Select((row, i) =>
        {
            var scores = centres.Select(centre => Math.Exp(-row.Zip(centre, (a, b) => (a - b) * (a - b)).Sum() / learner.Temperature)).ToArray();
            return -Math.Log(scores[labels[i]] / scores.Sum());
        }).Average();
        double[] Mean(double[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Average(row => row[column]))];
        double[][] Of(Tensor values, long[] labels, int way) => [.. Rows(values).Where((_, i) => labels[i] == way)];
        var (supportLabels, queryLabels, allLabels) = (episode.Support.Targets.ToArray<long>(), episode.Query.Targets.ToArray<long>(), all.Targets.ToArray<long>());
        var ways = Enumerable.Range(0, episode.Ways).ToArray();
        var prototypes = Attended(weights, [.. ways.Select(way => Mean(Of(support, supportLabels, way)))]);
        var centres = ways.Select(way => Mean(Attended(weights, Of(features, allLabels, way)))).ToArray();
        return CrossEntropy(model.Forward(own, episode.Query.Inputs), prototypes, queryLabels) + (learner.Balance * CrossEntropy(features, centres, allLabels));
    }

    // What holds the scalars of task conditioning near 0.
    internal static double Penalty(Tadam learner, Parameters theta) => learner.Penalty / 2
        * theta.Where(item => item.Key.EndsWith(".multiplier", StringComparison.Ordinal)).Sum(item => Math.Pow(item.Value.ToDouble(), 2));

    // One head of self-attention with a residual and a layer norm, number by number.
    private static double[][] Attended(Parameters weights, double[][] set)
    {
        double[] Times(string name, double[] vector) => [.. Rows(weights[name]).Select(row => Dot(row, vector))];
        double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
        var (keys, values) = (set.Select(row => Times("key", row)).ToArray(), set.Select(row => Times("value", row)).ToArray());
        return [.. set.Select(row =>
        {
            var attention = keys.Select(key => Math.Exp(Dot(Times("query", row), key) / Math.Sqrt(row.Length))).ToArray();
            var seen = row.Select((_, i) => values.Zip(attention, (value, weight) => value[i] * weight).Sum() / attention.Sum()).ToArray();
            var bias = weights["output.bias"].ToArray<double>();
            var sum = Times("output.weight", seen).Select((value, i) => value + bias[i] + row[i]).ToArray();
            var (mean, variance) = (sum.Average(), sum.Average(value => value * value) - (sum.Average() * sum.Average()));
            var (scale, shift) = (weights["norm.weight"].ToArray<double>(), weights["norm.bias"].ToArray<double>());
            return sum.Select((value, i) => ((value - mean) / Math.Sqrt(variance + 1e-5) * scale[i]) + shift[i]).ToArray();
        })];
    }

    private static IEnumerable<double> Triplets(TripletMining mining, double[] positive, double[] negative) => mining switch
    {
        TripletMining.Hardest => [positive.Max() - negative.Min()],
        TripletMining.SemiHard => positive.Select(d => d - (negative.Any(n => n > d) ? negative.Where(n => n > d).Min() : negative.Max())),
        _ => positive.SelectMany(d => negative.Select(n => d - n)),
    };

    private static double[][] Rows(Tensor values) => [.. values.ToArray<double>().Chunk((int)values.Size(1))];
}

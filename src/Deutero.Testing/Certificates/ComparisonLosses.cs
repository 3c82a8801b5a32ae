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

    private static IEnumerable<double> Triplets(TripletMining mining, double[] positive, double[] negative) => mining switch
    {
        TripletMining.Hardest => [positive.Max() - negative.Min()],
        TripletMining.SemiHard => positive.Select(d => d - (negative.Any(n => n > d) ? negative.Where(n => n > d).Min() : negative.Max())),
        _ => positive.SelectMany(d => negative.Select(n => d - n)),
    };

    private static double[][] Rows(Tensor values) => [.. values.ToArray<double>().Chunk((int)values.Size(1))];
}

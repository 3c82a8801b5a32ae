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

    private static double[][] Rows(Tensor values) => [.. values.ToArray<double>().Chunk((int)values.Size(1))];
}

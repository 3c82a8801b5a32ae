using Deutero.Torch;

namespace Deutero.Evaluation;

/// <summary>What a predictor's probabilities say of the queries of one episode, as far as calibration needs it.</summary>
/// <param name="Confidence">The largest probability of each query, in (0, 1].</param>
/// <param name="Correct">Whether the class of the largest probability is the label.</param>
/// <param name="Brier">The mean over queries of the squared distance between the probabilities and the label's unit vector, in [0, 2] (Brier, 1950).</param>
/// <param name="NegativeLogLikelihood">The mean over queries of -log p(label), in nats.</param>
public sealed record Forecasts(IReadOnlyList<double> Confidence, IReadOnlyList<bool> Correct, double Brier, double NegativeLogLikelihood)
{
    /// <summary>The forecasts of logits, whose softmax in float64 is taken for probabilities.</summary>
    /// <param name="logits">Shape <c>[M, N]</c>: M queries, N classes.</param>
    /// <param name="labels">Shape <c>[M]</c>, Int64, in [0, N).</param>
    /// <exception cref="ArgumentException">The shapes do not fit each other.</exception>
    public static Forecasts Of(Tensor logits, Tensor labels)
    {
        if (logits.Rank != 2 || labels.Rank != 1 || logits.Size(0) != labels.Size(0))
        {
            throw new ArgumentException($"Forecasts need logits [M, N] and labels [M] but found [{string.Join(", ", logits.Shape)}] and [{string.Join(", ", labels.Shape)}].");
        }

        var logarithms = logits.To(DType.Float64).LogSoftmax(-1).ToArray<double>();
        var truth = labels.ToArray<long>();
        var ways = (int)logits.Size(1);
        var (confidence, correct) = (new double[truth.Length], new bool[truth.Length]);
        var (brier, surprise) = (0.0, 0.0);
        for (var query = 0; query < truth.Length; query++)
        {
            var row = logarithms.AsSpan(query * ways, ways);
            var (label, best) = ((int)truth[query], 0);
            for (var way = 0; way < ways; way++)
            {
                var probability = Math.Exp(row[way]);
                var error = probability - (way == label ? 1 : 0);
                brier += error * error;
                best = row[way] > row[best] ? way : best;
            }

            confidence[query] = Math.Exp(row[best]);
            correct[query] = best == label;
            surprise -= row[label];
        }

        return new(confidence, correct, brier / truth.Length, surprise / truth.Length);
    }
}

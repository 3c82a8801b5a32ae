namespace Deutero.Edge;

/// <summary>From logits to answers.</summary>
internal static class Answers
{
    /// <summary>The answer that logits give.</summary>
    /// <param name="logits">One for each class.</param>
    /// <param name="calibration">What was learned on held-out tasks; null leaves probabilities as they are, and abstains only below a given threshold.</param>
    /// <param name="threshold">In place of the threshold that was learned.</param>
    internal static Prediction Of(ReadOnlySpan<double> logits, ModelCalibration? calibration, double? threshold)
    {
        var probabilities = Softmax(logits, calibration?.Temperature ?? 1);
        var best = Best(logits);
        var score = Score(calibration?.Score ?? AbstentionScore.Probability, logits[best], probabilities[best]);
        return new(best, probabilities[best], probabilities, score, score < (threshold ?? calibration?.Threshold ?? double.NegativeInfinity));
    }

    internal static double Score(AbstentionScore kind, double logit, double probability) => kind == AbstentionScore.Logit ? logit : probability;

    internal static int Best(ReadOnlySpan<double> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        return best;
    }

    /// <summary>The logarithm of a class's probability, finite where the probability itself is too small for a number.</summary>
    internal static double LogProbability(ReadOnlySpan<double> logits, int label, double temperature)
    {
        var largest = logits[Best(logits)];
        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp((logit - largest) / temperature);
        }

        return ((logits[label] - largest) / temperature) - Math.Log(sum);
    }

    internal static double[] Softmax(ReadOnlySpan<double> logits, double temperature)
    {
        var largest = logits[Best(logits)];
        var probabilities = new double[logits.Length];
        var sum = 0.0;
        for (var i = 0; i < logits.Length; i++)
        {
            probabilities[i] = Math.Exp((logits[i] - largest) / temperature);
            sum += probabilities[i];
        }

        for (var i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] /= sum;
        }

        return probabilities;
    }
}

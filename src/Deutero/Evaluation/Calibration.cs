namespace Deutero.Evaluation;

/// <summary>Whether a learner is right as often as its probabilities say, over all queries of all episodes.</summary>
/// <param name="ExpectedCalibrationError">
/// The mean over queries of |accuracy - confidence| of the query's bin, in [0, 1] (Guo et al., ICML 2017).
/// </param>
/// <param name="Brier">The mean squared distance between probabilities and the label's unit vector, in [0, 2].</param>
/// <param name="NegativeLogLikelihood">The mean of -log p(label), in nats.</param>
/// <param name="Reliability">Accuracy against confidence in bins of equal width, from the least confidence to the greatest.</param>
/// <param name="Coverage">Accuracy on the surest 5%, 10% ... 100% of the queries, when the learner abstains from the others.</param>
public sealed record Calibration(
    double ExpectedCalibrationError, double Brier, double NegativeLogLikelihood, IReadOnlyList<ReliabilityBin> Reliability,
    IReadOnlyList<CoveragePoint> Coverage)
{
    private const int Bins = 15;
    private const int CoverageSteps = 20;

    /// <summary>The calibration of forecasts.</summary>
    /// <param name="forecasts">Those of each episode, at least one query in all.</param>
    public static Calibration Of(IReadOnlyCollection<Forecasts> forecasts)
    {
        var queries = forecasts.SelectMany(one => one.Confidence.Zip(one.Correct)).ToArray();
        ArgumentOutOfRangeException.ThrowIfZero(queries.Length);
        double OverQueries(Func<Forecasts, double> mean) => forecasts.Sum(one => one.Confidence.Count * mean(one)) / queries.Length;
        var reliability = ReliabilityOf(queries);
        return new(
            reliability.Sum(bin => bin.Count == 0 ? 0 : bin.Count * Math.Abs(bin.Accuracy - bin.Confidence)) / queries.Length,
            OverQueries(one => one.Brier), OverQueries(one => one.NegativeLogLikelihood), reliability, CoverageOf(queries));
    }

    /// <summary>The accuracy on a share of the queries, the surest ones.</summary>
    /// <param name="coverage">A multiple of 0.05 in (0, 1].</param>
    public double AccuracyAt(double coverage) => Coverage[(int)Math.Round(coverage * CoverageSteps) - 1].Accuracy;

    // A confidence on the border of two bins belongs to the lower one.
    private static ReliabilityBin[] ReliabilityOf((double Confidence, bool Correct)[] queries)
    {
        var (count, confidence, correct) = (new int[Bins], new double[Bins], new int[Bins]);
        foreach (var query in queries)
        {
            var bin = double.IsNaN(query.Confidence) ? 0 : Math.Clamp((int)Math.Ceiling(query.Confidence * Bins) - 1, 0, Bins - 1);
            count[bin]++;
            confidence[bin] += query.Confidence;
            correct[bin] += query.Correct ? 1 : 0;
        }

        return [.. Enumerable.Range(0, Bins).Select(bin => new ReliabilityBin(
            (double)bin / Bins, (bin + 1.0) / Bins, count[bin], confidence[bin] / count[bin], (double)correct[bin] / count[bin]))];
    }

    // Queries of equal confidence count as drawn in random order: the result does not depend on the order of the queries.
    private static CoveragePoint[] CoverageOf((double Confidence, bool Correct)[] queries)
    {
        var groups = queries.GroupBy(query => query.Confidence, query => query.Correct).OrderByDescending(group => group.Key)
            .Select(group => (Threshold: group.Key, Count: group.Count(), Correct: group.Count(correct => correct))).ToArray();
        var (points, at, before, correctBefore) = (new CoveragePoint[CoverageSteps], 0, 0, 0);
        for (var step = 1; step <= CoverageSteps; step++)
        {
            var wanted = ((step * queries.Length) + CoverageSteps - 1) / CoverageSteps;
            while (before + groups[at].Count < wanted)
            {
                (before, correctBefore) = (before + groups[at].Count, correctBefore + groups[at].Correct);
                at++;
            }

            var correct = correctBefore + ((double)(wanted - before) * groups[at].Correct / groups[at].Count);
            points[step - 1] = new((double)step / CoverageSteps, correct / wanted, groups[at].Threshold);
        }

        return points;
    }
}

using Deutero.Evaluation;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Edge;

/// <summary>Learns a model's calibration on held-out tasks, asking the model exactly as a program or the service asks it: one item at a time.</summary>
public static class CalibrationLearning
{
    private const int Items = 2000;

    // Of held-out tasks' own examples, so many are called doubtful. What is of another kind is far beyond the limit; what is mislabelled often is not.
    private const double FarRate = 0.002;
    private const double DisagreementRate = 0.01;

    /// <summary>Learns the temperature, the threshold of "none of these" and the limits of doubtful examples, and measures them on other classes.</summary>
    /// <param name="model">The model; a calibration that it has already is without effect.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="progress">Told the number of episodes done, of twice <see cref="HeldOutTasks.Episodes"/>.</param>
    /// <param name="cancellation">Stops between episodes.</param>
    /// <exception cref="ArgumentException">There are too few classes for classes outside of the support set, or a class has too few items.</exception>
    public static ModelCalibration Learn(
        AdaptationModel model, HeldOutTasks tasks, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        using var random = Generator.Seed(tasks.Seed);
        using var itemsOnly = random.Derive(2);
        var ways = model.Ways > 0 ? model.Ways : tasks.Ways;
        var seen = ItemStatistics.Of(model.Input, tasks.Train, tasks.Learning, Items, FarRate, itemsOnly);
        var done = 0;
        HeldOutAnswers Ask(IClassPool pool, int path) => HeldOutAnswers.Of(
            model, pool, tasks, ways, (tasks.Seed, path), () => progress?.Report(Interlocked.Increment(ref done)), cancellation);
        var learning = Ask(tasks.Learning, 0);
        var temperature = Temperature(learning.Known);
        var (byProbability, caughtByProbability) = Threshold(learning, AbstentionScore.Probability, temperature, tasks.Rate);
        var (byLogit, caughtByLogit) = Threshold(learning, AbstentionScore.Logit, temperature, tasks.Rate);
        var score = caughtByLogit > caughtByProbability ? AbstentionScore.Logit : AbstentionScore.Probability;
        var threshold = score == AbstentionScore.Logit ? byLogit : byProbability;

        var measuring = Ask(tasks.Measuring, 1);
        var (before, after) = (CalibrationOf(measuring.Known, 1), CalibrationOf(measuring.Known, temperature));
        double Below(IReadOnlyList<HeldOutAnswer> answers) => answers.Average(one => one.Score(score, temperature) < threshold ? 1.0 : 0);
        return new()
        {
            Temperature = temperature, Score = score, Threshold = threshold, Seen = seen, Disagreement = Quantile(learning.Disagreements, 1 - DisagreementRate),
            Figures = new(
                tasks.Learning.Name, tasks.Measuring.Name, tasks.Episodes, ways, tasks.Shots, tasks.Seed,
                measuring.Known.Average(one => Answers.Best(one.Logits) == one.Label ? 1.0 : 0),
                before.ExpectedCalibrationError, after.ExpectedCalibrationError, before.NegativeLogLikelihood, after.NegativeLogLikelihood,
                tasks.Rate, Below(measuring.Known), Below(measuring.Foreign), caughtByProbability, caughtByLogit),
        };
    }

    // With b = 1/T the mean of log sum exp(b z) - b z_y is convex in b, so its derivative, the mean of E_p[z] - z_y, has one sign change.
    internal static double Temperature(IReadOnlyList<HeldOutAnswer> answers)
    {
        double Slope(double inverse) => answers.Sum(one =>
        {
            var expected = Answers.Softmax(one.Logits, 1 / inverse).Zip(one.Logits, (probability, logit) => probability * logit).Sum();
            return expected - one.Logits[one.Label];
        });
        var (low, high) = (Math.Log(1e-4), Math.Log(1e4)); // of b: at the borders where every answer is right, or none better than chance
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Slope(Math.Exp(middle)) < 0 ? (middle, high) : (low, middle);
        }

        return Math.Exp(-(low + high) / 2);
    }

    // The largest threshold that at most the given share of known queries is below.
    private static (double Threshold, double Caught) Threshold(HeldOutAnswers answers, AbstentionScore score, double temperature, double rate)
    {
        var known = answers.Known.Select(one => one.Score(score, temperature)).Order().ToArray();
        var threshold = known[(int)(rate * known.Length)];
        return (threshold, answers.Foreign.Average(one => one.Score(score, temperature) < threshold ? 1.0 : 0));
    }

    private static Calibration CalibrationOf(IReadOnlyList<HeldOutAnswer> answers, double temperature)
    {
        using var scope = new TensorScope();
        var ways = answers[0].Logits.Length;
        var logits = Tensor.From(answers.SelectMany(one => one.Logits).Select(logit => logit / temperature).ToArray(), [answers.Count, ways]);
        return Calibration.Of([Forecasts.Of(logits, Tensor.From(answers.Select(one => (long)one.Label).ToArray()))]);
    }

    private static double? Quantile(IReadOnlyList<double> values, double share) =>
        values.Count == 0 ? null : values.Order().ElementAt((int)(share * (values.Count - 1)));
}

using Deutero.Edge;
using Deutero.Torch;

namespace Deutero.Service.Tests;

public sealed class CalibrationTests
{
    [Fact]
    public void Temperature_is_that_of_the_closed_form()
    {
        // Logits (4, 0), and three answers of four are right: the likelihood is greatest where sigmoid(4 / T) = 3/4, at T = 4 / ln 3.
        HeldOutAnswer[] answers = [new([4, 0], 0), new([0, 4], 1), new([4, 0], 0), new([4, 0], 1)];
        Assert.Equal(4 / Math.Log(3), CalibrationLearning.Temperature(answers), 9);
    }

    [Fact]
    public void Shots_are_at_least_one()
    {
        Assert.Equal([2], (Small.Tasks with { Shots = [2] }).Shots);
        Assert.Throws<ArgumentOutOfRangeException>(() => Small.Tasks with { Shots = [] });
        Assert.Throws<ArgumentOutOfRangeException>(() => Small.Tasks with { Shots = [1, 0] });
    }

    [Fact]
    public void Probabilities_are_the_softmax_at_the_temperature_and_low_scores_abstain()
    {
        using var model = Small.Calibrated();
        var calibration = model.Calibration! with { Temperature = 2, Score = AbstentionScore.Probability, Threshold = 0.6 };
        var sure = Answers.Of([2 * Math.Log(3), 0], calibration, null);
        Assert.Equal([0.75, 0.25], sure.Probabilities.Select(value => Math.Round(value, 12)));
        Assert.Equal((0, false, 0.75), (sure.Class, sure.Abstained, Math.Round(sure.Score, 12)));
        Assert.True(Answers.Of([2 * Math.Log(3), 0], calibration, 0.8).Abstained);
        Assert.True(Answers.Of([0.1, 0], calibration, null).Abstained);
        Assert.False(Answers.Of([0.1, 0], calibration, 0).Abstained);
        Assert.True(Answers.Of([-5, -9], calibration with { Score = AbstentionScore.Logit, Threshold = -4 }, null).Abstained);
        Assert.False(Answers.Of([0.1, 0], null, null).Abstained);
    }

    [Fact]
    public void A_calibration_is_the_same_to_the_bit_on_any_number_of_threads_and_after_writing_and_reading()
    {
        using var model = Small.ProtoNet();
        var one = CalibrationLearning.Learn(model, Small.Tasks with { Threads = 1 }, cancellation: TestContext.Current.CancellationToken);
        var two = CalibrationLearning.Learn(model, Small.Tasks with { Threads = 2 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(one.ToJson(), two.ToJson());
        Assert.NotEqual(one.ToJson(), CalibrationLearning.Learn(model, Small.Tasks with { Seed = 1 }, cancellation: TestContext.Current.CancellationToken).ToJson());
        Assert.Equal(one.ToJson(), ModelCalibration.Parse(System.Text.Encoding.UTF8.GetBytes(one.ToJson()), "it").ToJson());
        Assert.InRange(one.Figures.KnownAbstained, 0, 0.3);
        Assert.InRange(one.Temperature, 1e-3, 1e3);
    }

    [Fact]
    public void The_better_of_two_scores_is_chosen_and_at_most_the_stated_share_of_the_known_is_lost_in_learning()
    {
        using var model = Small.ProtoNet();
        var tasks = Small.Tasks with { Measuring = Small.Tasks.Learning, Rate = 0.1 };
        var calibration = CalibrationLearning.Learn(model, tasks, cancellation: TestContext.Current.CancellationToken);
        var figures = calibration.Figures;
        Assert.Equal(figures.ForeignCaughtByLogit > figures.ForeignCaughtByProbability, calibration.Score == AbstentionScore.Logit);
        var answers = HeldOutAnswers.Of(model, tasks.Learning, tasks, 5, (tasks.Seed, 0), () => { }, TestContext.Current.CancellationToken);
        Assert.Equal(10 * 5 * 2, answers.Known.Count);
        Assert.Equal(10 * 5 * 2, answers.Foreign.Count);
        double Below(IReadOnlyList<HeldOutAnswer> these) => these.Average(one => one.Score(calibration.Score, calibration.Temperature) < calibration.Threshold ? 1.0 : 0);
        Assert.InRange(Below(answers.Known), 0.05, 0.1);
        Assert.Equal(Math.Max(figures.ForeignCaughtByLogit, figures.ForeignCaughtByProbability), Below(answers.Foreign), 12);
    }

    [Fact]
    public void Too_few_classes_and_texts_that_are_no_calibration_are_refused()
    {
        using var model = Small.ProtoNet();
        var many = Small.Tasks with { Ways = 485 };
        Assert.Contains("need at least 486", Assert.Throws<ArgumentException>(() => CalibrationLearning.Learn(model, many with { Learning = many.Measuring }, cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        foreach (var text in (string[])["", "{}", "null", """{"temperature":0}"""])
        {
            Assert.Contains("it is not a calibration", Assert.Throws<InvalidDataException>(() => ModelCalibration.Parse(System.Text.Encoding.UTF8.GetBytes(text), "it")).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Noise_paper_and_emptiness_are_unlike_meta_training_and_glyphs_are_not()
    {
        using var model = Small.Calibrated();
        var seen = model.Calibration!.Seen;
        bool Far(float[] item) => seen.Distance(item, model.Input) > seen.Limit;
        using var random = Generator.Seed(3);
        using var scope = new TensorScope();
        Assert.True(Far(random.Uniform([784]).ToArray<float>()));
        Assert.True(Far([.. Small.Glyph(37, 1).Select(value => 1 - value)]));
        Assert.True(Far(new float[784]));
        var far = Enumerable.Range(0, 400).Count(i => Far(Small.Glyph(i, i % 20)));
        Assert.InRange(far, 0, 24); // 1% of the validation scripts' glyphs; other scripts are a little unlike those
    }
}

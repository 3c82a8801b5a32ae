using Deutero.Evaluation;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Evaluation;

/// <summary>Figures worked out by hand.</summary>
public sealed class CalibrationTests
{
    [Fact]
    public void Forecasts_are_the_softmax_of_the_logits()
    {
        var logits = Tensor.From([Math.Log(3), 0, 7, 7 + Math.Log(4)], 2, 2); // probabilities (3/4, 1/4) and (1/5, 4/5)
        var forecasts = Forecasts.Of(logits, Tensor.From([0L, 0L]));
        Assert.Equal([0.75, 0.8], forecasts.Confidence.Select(value => Math.Round(value, 12)));
        Assert.Equal([true, false], forecasts.Correct);
        Assert.Equal(((2 * 0.0625) + (2 * 0.64)) / 2, forecasts.Brier, 1e-12);
        Assert.Equal(-(Math.Log(0.75) + Math.Log(0.2)) / 2, forecasts.NegativeLogLikelihood, 1e-12);
    }

    [Fact]
    public void Logits_far_apart_lose_nothing()
    {
        var forecasts = Forecasts.Of(Tensor.From([1000f, 0f], 1, 2), Tensor.From([1L]));
        Assert.Equal((1000, 2, 1), (forecasts.NegativeLogLikelihood, forecasts.Brier, forecasts.Confidence[0]));
    }

    [Fact]
    public void Expected_calibration_error_weighs_the_gap_of_each_bin_by_its_queries()
    {
        var calibration = Calibration.Of([Of((0.95, true), (0.6, true), (0.6, false)), Of((0.95, false))]);
        Assert.Equal(((2 * 0.45) + (2 * 0.1)) / 4, calibration.ExpectedCalibrationError, 1e-12);
        Assert.Equal(15, calibration.Reliability.Count);
        var bin = calibration.Reliability[8]; // 0.6 is its upper border
        Assert.Equal((2, 0.5), (bin.Count, bin.Accuracy));
        Assert.Equal(0.6, bin.Confidence, 1e-12);
        Assert.Equal((8.0 / 15, 9.0 / 15), (bin.From, bin.To));
        Assert.Equal(2, calibration.Reliability[14].Count);
        Assert.All(calibration.Reliability.Where((_, place) => place is not (8 or 14)), empty => Assert.True(empty.Count == 0 && double.IsNaN(empty.Accuracy)));
    }

    [Fact]
    public void Abstaining_keeps_the_surest_queries()
    {
        var calibration = Calibration.Of([Of((0.7, false), (0.9, true)), Of((0.6, false), (0.8, true))]);
        Assert.Equal([1, 1, 2.0 / 3, 0.5], ((double[])[0.25, 0.5, 0.75, 1]).Select(calibration.AccuracyAt));
        Assert.Equal([0.9, 0.8, 0.7, 0.6], ((int[])[5, 10, 15, 20]).Select(step => calibration.Coverage[step - 1].Threshold));
        Assert.Equal(0.05, calibration.Coverage[0].Coverage);
    }

    [Fact]
    public void Equally_sure_queries_count_alike_whatever_their_order()
    {
        var calibration = Calibration.Of([Of((1, true), (1, false), (1, true), (1, true))]);
        Assert.All(calibration.Coverage, point => Assert.Equal(0.75, point.Accuracy, 1e-12));
    }

    [Fact]
    public void Every_query_counts_once_in_episodes_of_different_sizes()
    {
        var one = Of((0.5, true)) with { Brier = 1, NegativeLogLikelihood = 4 };
        var three = Of((0.5, true), (0.5, true), (0.5, true)) with { Brier = 0.2, NegativeLogLikelihood = 0 };
        var calibration = Calibration.Of([one, three]);
        Assert.Equal((0.4, 1), (Math.Round(calibration.Brier, 12), calibration.NegativeLogLikelihood));
    }

    [Fact]
    public void Evaluation_reports_it_for_classes_and_not_for_values()
    {
        var model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 5 };
        var learner = new Maml();
        var result = new Evaluator { DType = DType.Float64 }.Run(
            learner, model, learner.Init(model, Generator.Seed(1)).To(DType.Float64), new(new Nuisance20(5, 1, 3), 1, 8));
        var calibration = result.Calibration!;
        Assert.Equal(result.Loss.Mean, calibration.NegativeLogLikelihood, 1e-9); // the query loss is the cross-entropy
        Assert.Equal(result.Score.Mean, calibration.AccuracyAt(1), 1e-12);
        Assert.Equal(8 * 15, calibration.Reliability.Sum(bin => bin.Count));

        var values = new Evaluator().Run(learner, new Mlp(), new Mlp().Init(Generator.Seed(1)), new(new Sinusoid(), 1, 2));
        Assert.Null(values.Calibration);
    }

    private static Forecasts Of(params (double Confidence, bool Correct)[] queries) =>
        new([.. queries.Select(query => query.Confidence)], [.. queries.Select(query => query.Correct)], 0, 0);
}

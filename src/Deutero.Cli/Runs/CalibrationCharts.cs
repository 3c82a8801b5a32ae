using Deutero.Cli.Reports;
using Deutero.Evaluation;

namespace Deutero.Cli.Runs;

/// <summary>The reliability curve and the accuracy-against-coverage curve of a report.</summary>
internal static class CalibrationCharts
{
    /// <summary>Both charts; none in regression.</summary>
    /// <param name="result">An evaluation.</param>
    internal static IEnumerable<Chart> Of(EvaluationResult result) => result.Calibration is { } calibration ? [Reliability(result.Learner, calibration), Coverage(result.Learner, calibration)] : [];

    private static Chart Reliability(string learner, Calibration calibration)
    {
        var bins = calibration.Reliability.Where(bin => bin.Count > 0).ToArray();
        return new()
        {
            Title = $"Reliability: ECE {100 * calibration.ExpectedCalibrationError:F1} %",
            XTitle = "confidence",
            YTitle = "accuracy",
            Series =
            [
                new Series { Name = learner, X = Array.ConvertAll(bins, bin => bin.Confidence), Y = Array.ConvertAll(bins, bin => bin.Accuracy) },
                new Series { Name = "perfectly calibrated", X = [0, 1], Y = [0, 1] },
            ],
        };
    }

    private static Chart Coverage(string learner, Calibration calibration) => new()
    {
        Title = "Accuracy when abstaining from the least sure queries",
        XTitle = "fraction of queries answered",
        YTitle = "accuracy",
        Series = [new Series { Name = learner, X = [.. calibration.Coverage.Select(point => point.Coverage)], Y = [.. calibration.Coverage.Select(point => point.Accuracy)] }],
    };
}

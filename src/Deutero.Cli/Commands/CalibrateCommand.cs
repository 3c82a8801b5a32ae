using System.CommandLine;
using Deutero.Cli.Runs;
using Deutero.Edge;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero calibrate</c>: learns on held-out tasks how sure a model really is, and when it should say "none of these".</summary>
internal static class CalibrateCommand
{
    private static readonly Argument<string> s_run = new("run") { Description = "A run folder written by 'deutero train'." };

    private static readonly Option<double> s_rate = new("--rate")
    {
        Description = "The share of queries of known classes that may be answered with none of these.", HelpName = "SHARE", DefaultValueFactory = _ => 0.05,
    };

    private static readonly Option<int> s_episodes = new("--episodes") { Description = "Episodes to learn on, and as many to measure on.", HelpName = "N", DefaultValueFactory = _ => 200 };

    private static readonly Option<int> s_ways = new("--ways") { Description = "Classes of an episode, for models that take any number.", HelpName = "N", DefaultValueFactory = _ => 5 };

    private static readonly Option<int[]> s_shots = new("--shots")
    {
        Description = "Support examples of each class; episodes take turns.", HelpName = "N", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 5],
    };

    private static readonly Option<ulong> s_seed = new("--seed") { Description = "Determines the episodes.", HelpName = "N", DefaultValueFactory = _ => 2027 };

    internal static Command Create() => new Command("calibrate", "Learn on held-out tasks how sure a model's answers are, and when an item is none of the classes.")
    {
        s_run, s_rate, s_episodes, s_ways, s_shots, s_seed, SharedOptions.Data, SharedOptions.Json,
    }.Explained("""
        Writes calibration.json into the run folder: a temperature for the probabilities, a threshold for "none of these", and what items of meta-training
        look like. They are learned on validation classes and measured on test classes, by asking one item at a time, as 'deutero serve' does. Of the
        largest probability and the largest logit, the one that catches more items of other classes is compared with the threshold.

        Examples:
          deutero calibrate runs/first
          deutero calibrate runs/first --rate 0.02 --shots 1 2 5
        """).Runs(Execute);

    /// <summary>Prints what a calibration is worth.</summary>
    internal static void Print(ModelCalibration calibration)
    {
        var figures = calibration.Figures;
        Console.WriteLine($"learned on {figures.LearnedOn}, measured on {figures.MeasuredOn}: {figures.Episodes} episodes each, {figures.Ways} ways, {string.Join(", ", figures.Shots)} shots");
        Console.WriteLine(
            $"temperature {calibration.Temperature:G4}: ECE {100 * figures.ExpectedCalibrationErrorBefore:F1} % before, {100 * figures.ExpectedCalibrationError:F1} % after; "
            + $"NLL {figures.NegativeLogLikelihoodBefore:F3} before, {figures.NegativeLogLikelihood:F3} after; accuracy {100 * figures.Accuracy:F1} %");
        Console.WriteLine(
            $"none of these below a {$"{calibration.Score}".ToLowerInvariant()} of {calibration.Threshold:G4}: {100 * figures.KnownAbstained:F1} % of known queries "
            + $"({100 * figures.Rate:F0} % aimed at), {100 * figures.ForeignCaught:F1} % of foreign queries");
        Console.WriteLine($"foreign queries caught in learning: {100 * figures.ForeignCaughtByProbability:F1} % by probability, {100 * figures.ForeignCaughtByLogit:F1} % by logit");
    }

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var shots = arguments.GetValue(s_shots)!;
        var calibration = RunCalibration.Learn(
            arguments.GetValue(s_run)!, arguments.GetValue(SharedOptions.Data),
            tasks => tasks with
            {
                Rate = arguments.GetValue(s_rate),
                Episodes = arguments.GetValue(s_episodes),
                Ways = arguments.GetValue(s_ways),
                Shots = shots,
                Seed = arguments.GetValue(s_seed),
            },
            cancellation);
        if (arguments.GetValue(SharedOptions.Json))
        {
            Console.WriteLine(calibration.ToJson());
        }
        else
        {
            Print(calibration);
        }

        return ExitCodes.Done;
    }
}

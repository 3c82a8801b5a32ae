using Deutero.Cli.Configuration;
using Deutero.Learners;
using Deutero.Torch;

namespace Deutero.Cli.Runs;

/// <summary>A way to learn a new task: the model of a run folder, or a learner that meta-learns nothing.</summary>
/// <param name="Name">The run folder, or the learner's name.</param>
/// <param name="IsRun">Whether it is a run folder.</param>
/// <param name="Run">The run, or for a learner alone the first run with that learner.</param>
/// <param name="Theta">The meta-parameters.</param>
/// <param name="Statistics">The running BatchNorm statistics; may be empty.</param>
internal sealed record SelectionCandidate(string Name, bool IsRun, Run Run, Parameters Theta, Parameters Statistics)
{
    /// <summary>Opens all candidates.</summary>
    /// <param name="names">Run folders, and names of learners.</param>
    /// <param name="settings">Settings that are changed in all of them, such as the data's folder.</param>
    /// <exception cref="ArgumentException">There is no run folder among them, one is neither, or their data differ.</exception>
    internal static SelectionCandidate[] OpenAll(IReadOnlyList<string> names, IReadOnlyList<string> settings)
    {
        var first = names.FirstOrDefault(IsRunFolder)
            ?? throw new ArgumentException($"A run folder is expected among the candidates, which says what the tasks are, but there is none among {string.Join(", ", names)}.");
        SelectionCandidate[] candidates = [.. names.Select(name => IsRunFolder(name) ? OfRun(name, settings) : OfLearner(name, first, settings))];
        var data = Array.Find(candidates, candidate => candidate.Name == first)!.Run;
        foreach (var candidate in candidates)
        {
            if (candidate.Run.Configuration.Data.Name != data.Configuration.Data.Name || !candidate.Run.Tasks.ItemShape.SequenceEqual(data.Tasks.ItemShape))
            {
                throw new ArgumentException($"Candidates are tried on the same tasks, but {first} is of {data.Configuration.Data.Name} and {candidate.Name} of {candidate.Run.Configuration.Data.Name}.");
            }
        }

        return candidates;
    }

    /// <summary>Refuses tasks with more or fewer classes than the candidate tells apart.</summary>
    /// <param name="ways">The classes of a task.</param>
    /// <exception cref="ArgumentException">Its last layer has another width.</exception>
    internal void RequireWays(int ways)
    {
        var learner = Run.Configuration.Learner;
        if (learner.HeadWidth(Run.Tasks.TrainOutputs) != learner.HeadWidth(ways))
        {
            throw new ArgumentException(
                $"{Name} classifies {Run.Tasks.TrainOutputs} ways but tasks of {ways} are asked for: {learner.GetType().Name} has a last layer of fixed width, so leave --ways at {Run.Tasks.TrainOutputs} or leave it out.");
        }
    }

    private static bool IsRunFolder(string name) => File.Exists(new RunFolder(name).ConfigurationFile);

    private static SelectionCandidate OfRun(string name, IReadOnlyList<string> settings)
    {
        var folder = new RunFolder(name);
        var run = Run.Open(Run.Schema.Load<RunConfiguration>(folder.ConfigurationFile, settings));
        if (run.Configuration.Episodes.TrainBatch > 0)
        {
            throw new ArgumentException($"{name} holds a pre-trained body, which adapts to no task: take a run with startFrom={name}, for example of learner=linear-probe.");
        }

        var (theta, statistics) = folder.LoadModel();
        return new(name, true, run, theta.To(run.Device), statistics.To(run.Device));
    }

    private static SelectionCandidate OfLearner(string name, string first, IReadOnlyList<string> settings)
    {
        try
        {
            var run = Run.Open(Run.Schema.Load<RunConfiguration>(new RunFolder(first).ConfigurationFile, [.. settings, $"learner={name}"]));
            using var scope = new TensorScope();
            return run.Configuration.Learner.Init(run.Model, Generator.Seed(0)).Count == 0
                ? new(name, false, run, Parameters.Empty, Parameters.Empty)
                : throw new ArgumentException($"{run.Configuration.Learner.GetType().Name} needs training: train it with 'deutero train', and name its run folder.");
        }
        catch (ConfigurationException unknown)
        {
            throw new ArgumentException($"'{name}' is neither a run folder nor a learner that needs no training, such as {nameof(NearestCentroid)}.", unknown);
        }
    }
}

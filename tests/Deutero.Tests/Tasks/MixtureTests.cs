using Deutero.Evaluation;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Tasks;

public sealed class MixtureTests
{
    private static readonly Mixture s_mixture = new(
    [
        new FewShotClassification(new SyntheticPool(9, 6, 20) { Name = "one" }, 3, 2, 2), new MetaDatasetEpisodes(new SyntheticPool(12, 9, 20) { Name = "two" }),
    ]);

    [Fact]
    public void Each_source_is_drawn_and_has_a_score_of_its_own()
    {
        var result = new Evaluator { Threads = 2 }.Run(new NearestCentroid(), new Mlp(), Parameters.Empty, new(s_mixture, 1, 40));
        Assert.Equal(["one 3-way 2-shot 2-query", "two, Meta-Dataset's rules"], result.ScoreBySource.Keys);
        Assert.Equal(40, result.ScoreBySource.Values.Sum(score => score.Count));
        Assert.InRange(result.ScoreBySource.Values.Min(score => score.Count), 10, 20);
        Assert.Equal(result.Score.Mean, result.ScoreBySource.Values.Sum(score => score.Mean * score.Count) / 40, 1e-12);
        Assert.Empty(new Evaluator().Run(new NearestCentroid(), new Mlp(), Parameters.Empty, new(new Nuisance20(3, 2, 2), 1, 3)).ScoreBySource);
    }

    [Theory]
    [InlineData(Execution.Auto)]
    [InlineData(Execution.Loop)]
    [InlineData(Execution.Parallel)]
    public void Training_takes_episodes_of_different_ways_and_shots(Execution execution)
    {
        var training = new MetaTraining
        {
            Learner = new ProtoNet(), Model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 0 }, Tasks = s_mixture, Validation = s_mixture,
            Settings = new TrainingSettings { Iterations = 4, MetaBatch = 3, ValidateEvery = 2, ValidationEpisodes = 4, Execution = execution, Threads = 2 },
        };
        var progress = new Accuracies();
        Assert.Equal(TrainingOutcome.Completed, training.Run(training.Start(), progress: progress).Outcome);
        Assert.All(progress.Values, accuracy => Assert.InRange(accuracy, 0, 1));
    }

    [Fact]
    public void A_mixture_of_nothing_is_refused() =>
        Assert.Contains("at least one source", Assert.Throws<ArgumentException>(() => new Mixture([])).Message, StringComparison.Ordinal);

    private sealed class Accuracies : IProgress<TrainingProgress>
    {
        public List<double> Values { get; } = [];

        public void Report(TrainingProgress value) => Values.Add(value.Accuracy);
    }
}

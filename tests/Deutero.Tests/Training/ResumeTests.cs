using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;
using Deutero.Torch.Serialization;
using Deutero.Training;

namespace Deutero.Tests.Training;

public sealed class ResumeTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"deutero-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(11)]
    public void Killed_and_resumed_run_ends_with_the_bits_of_an_uninterrupted_one(int stop) => AssertSameBits(Dense(), stop);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void Resumed_run_with_running_statistics_and_parallel_tasks_has_the_same_bits(int stop) => AssertSameBits(Images(), stop);

    [Fact]
    public void Run_that_stops_early_stops_at_the_same_iteration_after_resuming()
    {
        var run = Dense() with { Settings = Dense().Settings with { Patience = 2, Outer = new() { Optimiser = OuterOptimiser.Sgd, Rate = 1e-30 } } };
        var whole = run.Run(run.Start());
        Assert.Equal((TrainingOutcome.StoppedEarly, 9), (whole.Outcome, whole.State.Iteration));
        StopAt(run, 7);
        var resumed = run.Run(TrainingState.Load(_path, "same"));
        Assert.Equal((TrainingOutcome.StoppedEarly, 9, 3), (resumed.Outcome, resumed.State.Iteration, resumed.State.BestIteration));
    }

    [Fact]
    public void Reptile_with_sgd_and_a_schedule_resumes_with_the_same_bits()
    {
        var run = Dense();
        AssertSameBits(
            run with
            {
                Learner = new Reptile(),
                Settings = run.Settings with { Outer = new() { Optimiser = OuterOptimiser.Sgd, Rate = 1, Schedule = OuterSchedule.Linear, ClipNorm = 5 } },
            },
            stop: 4);
    }

    [Fact]
    public void Checkpoint_of_another_configuration_is_refused()
    {
        StopAt(Dense(), 1);
        var error = Assert.Throws<InvalidDataException>(() => TrainingState.Load(_path, "another"));
        Assert.Contains("another configuration", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_no_checkpoint_is_refused()
    {
        SafetensorsParameters.Save(_path, [new("w", Tensor.Zeros([2]))]);
        var error = Assert.Throws<InvalidDataException>(() => TrainingState.Load(_path, "same"));
        Assert.Contains("is not a Deutero checkpoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Checkpoint_holds_everything_of_the_state()
    {
        var run = Images();
        StopAt(run, 4);
        var (first, second) = (TrainingState.Load(_path, "same"), TrainingState.Load(_path, "same"));
        AssertSame(first, second);
        Assert.Equal(4, first.Iteration);
        Assert.Equal(3, first.BestIteration);
        Assert.NotEmpty(first.Statistics);
        Assert.Equal(8, first.BestStatistics.Count);
        Assert.Equal(run.Start().Theta.Names, first.Theta.Names);
    }

    private static MetaTraining Dense() => new()
    {
        Learner = new Maml { InnerRate = 0.1, Steps = 2 },
        Model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 3 },
        Tasks = new Nuisance20(3, 2, 2),
        Validation = new Nuisance20(3, 2, 2),
        Settings = new() { Iterations = 12, MetaBatch = 3, Threads = 2, ValidateEvery = 3, ValidationEpisodes = 4, CheckpointSeconds = 0 },
    };

    private static MetaTraining Images()
    {
        var tasks = new FewShotClassification(new SyntheticPool(9, 6, 1, 16, 16), 3, 1, 2);
        return Dense() with
        {
            Learner = new ProtoNet(),
            Model = new Conv4 { Height = 16, Width = 16, Filters = 4, BatchNorm = BatchNormPolicy.Running },
            Tasks = tasks,
            Validation = tasks,
            Settings = Dense().Settings with { Iterations = 9, Execution = Execution.Parallel },
        };
    }

    private void AssertSameBits(MetaTraining run, int stop)
    {
        var whole = run.Run(run.Start());
        Assert.Equal(TrainingOutcome.Completed, whole.Outcome);
        StopAt(run, stop);
        var resumed = run.Run(TrainingState.Load(_path, "same"));
        Assert.Equal(TrainingOutcome.Completed, resumed.Outcome);
        AssertSame(whole.State, resumed.State);
    }

    private void StopAt(MetaTraining run, int iteration)
    {
        using var cancellation = new CancellationTokenSource();
        var progress = new Immediate<TrainingProgress>(report =>
        {
            if (report.Iteration == iteration)
            {
                cancellation.Cancel();
            }
        });
        var stopped = run.Run(run.Start(), state => state.Save(_path, "same"), progress, cancellation.Token);
        Assert.Equal((TrainingOutcome.Cancelled, iteration), (stopped.Outcome, stopped.State.Iteration));
    }

    private static void AssertSame(TrainingState expected, TrainingState actual)
    {
        Assert.Equal(
            (expected.Iteration, expected.BestScore, expected.BestIteration, expected.Waited), (actual.Iteration, actual.BestScore, actual.BestIteration, actual.Waited));
        Assert.Equal(expected.Generator, actual.Generator);
        Assert.True(expected.Theta.BitEquals(actual.Theta));
        Assert.True(expected.Optimiser.BitEquals(actual.Optimiser));
        Assert.True(expected.Statistics.BitEquals(actual.Statistics));
        Assert.True(expected.Best.BitEquals(actual.Best));
        Assert.True(expected.BestStatistics.BitEquals(actual.BestStatistics));
    }
}

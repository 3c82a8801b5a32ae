using Deutero.Learners;
using Deutero.Models;
using Deutero.Tests.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Training;

public sealed class ExecutionChoiceTests
{
    private static readonly Execution[] s_modes = [Execution.Vectorised, Execution.Parallel, Execution.Loop];

    private static readonly MetaTraining s_run = new()
    {
        Learner = new Maml { InnerRate = 0.1 },
        Model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 3 },
        Tasks = new Nuisance20(3, 2, 2),
        Settings = new() { Iterations = 60, MetaBatch = 4, Threads = 2, ValidateEvery = 0 },
    };

    [Theory]
    [InlineData(1.0, 1.0, 1.0, Execution.Vectorised)]
    [InlineData(1.09, 1.0, 1.05, Execution.Vectorised)] // within 10%: the order of preference decides
    [InlineData(1.2, 1.0, 0.95, Execution.Parallel)]
    [InlineData(1.2, 1.2, 1.0, Execution.Loop)]
    [InlineData(double.PositiveInfinity, 2.0, 3.0, Execution.Parallel)]
    public void First_mode_that_no_other_beats_by_a_tenth_is_taken(double vectorised, double parallel, double loop, Execution expected)
    {
        var seconds = new Dictionary<Execution, double> { [Execution.Vectorised] = vectorised, [Execution.Parallel] = parallel, [Execution.Loop] = loop };
        Assert.Equal(expected, ExecutionChoice.Decide(s_modes, seconds).Execution);
    }

    [Fact]
    public void Fastest_mode_is_found_by_running_it()
    {
        var choice = ExecutionChoice.Measure(s_modes, mode => Thread.Sleep(mode == Execution.Parallel ? 5 : 30), metaBatches: 1000);
        Assert.Equal(Execution.Parallel, choice.Execution);
        Assert.InRange(choice.Seconds[Execution.Parallel], 0.004, choice.Seconds[Execution.Loop]);
    }

    [Fact]
    public void Training_that_is_short_beside_a_meta_batch_is_not_measured()
    {
        var choice = ExecutionChoice.Measure(s_modes, _ => Assert.Fail("measured"), metaBatches: 49);
        Assert.Equal((Execution.Vectorised, 0), (choice.Execution, choice.Seconds.Count));
    }

    [Fact]
    public void Measuring_ends_after_a_second_where_that_is_more_than_a_fiftieth_of_the_training()
    {
        var runs = 0;
        var choice = ExecutionChoice.Measure(s_modes, _ => Thread.Sleep(++runs == 1 ? 1100 : 0), metaBatches: 50);
        Assert.Equal((Execution.Vectorised, 1), (choice.Execution, runs));
    }

    [Fact]
    public void Mode_that_libtorch_refuses_is_not_taken()
    {
        var choice = ExecutionChoice.Measure(
            s_modes, mode => Thread.Sleep(mode == Execution.Vectorised ? throw new TorchException("mm", "out of memory") : 1), metaBatches: 1000);
        Assert.NotEqual(Execution.Vectorised, choice.Execution);
    }

    [Fact]
    public void Measuring_leaves_the_bits_of_the_training_as_they_are()
    {
        var measured = s_run.Run(s_run.Start());
        var given = s_run with { Settings = s_run.Settings with { Execution = measured.Execution } };
        Assert.NotEqual(Execution.Auto, measured.Execution);
        Assert.True(given.Run(given.Start()).State.Theta.BitEquals(measured.State.Theta));
    }

    [Fact]
    public void Resumed_training_goes_on_in_the_mode_that_it_began_with()
    {
        var path = Path.Combine(Path.GetTempPath(), $"deutero-{Guid.NewGuid():N}.safetensors");
        try
        {
            (s_run.Start() with { Execution = Execution.Loop }).Save(path, "same");
            var choice = s_run.ChooseExecution(TrainingState.Load(path, "same"));
            Assert.Equal((Execution.Loop, 0), (choice.Execution, choice.Seconds.Count));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Mode_that_is_set_wins()
    {
        var set = s_run with { Settings = s_run.Settings with { Execution = Execution.Parallel } };
        Assert.Equal(Execution.Parallel, set.ChooseExecution(set.Start() with { Execution = Execution.Loop }).Execution);
    }
}

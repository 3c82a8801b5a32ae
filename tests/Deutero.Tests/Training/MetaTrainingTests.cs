using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Training;

public sealed class MetaTrainingTests
{
    private static readonly MetaTraining s_run = new()
    {
        Learner = new ProtoNet(),
        Model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 0 },
        Tasks = new Nuisance20(3, 2, 2),
        Settings = new() { Iterations = 6, MetaBatch = 2, Threads = 1, ValidateEvery = 2, ValidationEpisodes = 3 },
    };

    [Fact]
    public void One_iteration_is_one_step_of_the_outer_optimiser_along_the_mean_meta_gradient()
    {
        var run = s_run with { Settings = s_run.Settings with { Iterations = 1, Outer = new() { Optimiser = OuterOptimiser.Sgd, Rate = 0.5 } } };
        var start = run.Start();
        var theta = start.Theta.Map(leaf => leaf.Clone());
        var generator = Generator.Restore(start.Generator);
        Episode[] episodes = [.. Enumerable.Range(0, 2).Select(i => run.Tasks.Sample(generator.Derive(1, 0, i)))];
        var mean = MetaBatch.Mean(run.Learner, run.Model, theta, episodes, generator.Derive(2, 0), Execution.Vectorised);
        Assert.True((theta + (-0.5 * mean.Direction)).BitEquals(run.Run(start).State.Theta));
    }

    [Fact]
    public void Training_can_begin_with_another_learners_body_and_draws_what_that_lacks()
    {
        var body = s_run.Start().Theta.Map(leaf => leaf + 1);
        var other = s_run with { Learner = new Maml(), Model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 3 } };
        var theta = other.Start(body).Theta;
        Assert.Equal(other.Start().Theta.Names, theta.Names);
        Assert.All(body, item => Assert.True(item.Value.BitEquals(theta[item.Key])));
        Assert.All(other.Start().Theta.Where(name => !body.Contains(name)), item => Assert.True(item.Value.BitEquals(theta[item.Key])));
    }

    [Fact]
    public void Training_can_begin_with_a_body_whose_head_was_for_another_number_of_classes()
    {
        MetaTraining Ways(int ways) => s_run with { Learner = new MetaSgd(), Model = new Mlp { Inputs = 20, Hidden = [8], Outputs = ways }, Tasks = new Nuisance20(ways, 2, 2) };
        var three = Ways(3).Start().Theta.Map(leaf => leaf + 1);
        var (five, drawn) = (Ways(5).Start(three).Theta, Ways(5).Start().Theta);
        Assert.All(five, item => Assert.True(item.Value.BitEquals((item.Key.Contains("linear2", StringComparison.Ordinal) ? drawn : three)[item.Key])));
        Assert.Equal(["linear2.weight", "linear2.bias"], five.Names.Where(name => name.StartsWith("linear2", StringComparison.Ordinal)));
    }

    [Fact]
    public void Beginning_with_parameters_of_other_names_or_shapes_is_refused()
    {
        var theta = s_run.Start().Theta;
        var names = Assert.Throws<ArgumentException>(() => s_run.Start(theta.Prefixed("other")));
        Assert.Contains("other.linear1.weight", names.Message, StringComparison.Ordinal);
        var wide = Assert.Throws<ArgumentException>(() => (s_run with { Model = new Mlp { Inputs = 20, Hidden = [9], Outputs = 0 } }).Start(theta));
        Assert.Contains("linear1.weight [8, 20]: the learner and model have linear1.weight [9, 20]", wide.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_is_reported_after_every_iteration_with_validations_where_they_are_due()
    {
        var reports = new List<TrainingProgress>();
        var run = s_run with { Validation = new Nuisance20(3, 2, 2) };
        var result = run.Run(run.Start(), progress: new Immediate<TrainingProgress>(reports.Add));
        Assert.Equal([1, 2, 3, 4, 5, 6], reports.Select(report => report.Iteration));
        Assert.Equal([2, 4, 6], reports.Where(report => report.Validation is not null).Select(report => report.Iteration));
        Assert.All(reports, report => Assert.InRange(report.Accuracy, 0, 1));
        Assert.All(reports, report => Assert.True(report.Loss > 0 && report.TasksPerSecond > 0));
        var best = reports.Where(report => report.Validation is not null).MaxBy(report => report.Validation!.Value.Mean)!;
        Assert.Equal((best.Validation!.Value.Mean, best.Iteration), (result.State.BestScore, result.State.BestIteration));
    }

    [Fact]
    public void Cancellation_before_the_first_iteration_saves_the_start()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        var saved = new List<int>();
        var result = s_run.Run(s_run.Start(), state => saved.Add(state.Iteration), cancellation: cancellation.Token);
        Assert.Equal(TrainingOutcome.Cancelled, result.Outcome);
        Assert.Equal([0], saved);
    }

    [Fact]
    public void Cancellation_during_a_validation_repeats_the_iteration_after_resuming()
    {
        using var cancellation = new CancellationTokenSource();
        var run = s_run with { Validation = new Cancels(new Nuisance20(3, 2, 2), cancellation) };
        var result = run.Run(run.Start(), cancellation: cancellation.Token);
        Assert.Equal((TrainingOutcome.Cancelled, 1), (result.Outcome, result.State.Iteration));
    }

    [Fact]
    public void Checkpoints_are_written_while_training_and_at_the_end()
    {
        var saved = new List<int>();
        var run = s_run with { Settings = s_run.Settings with { CheckpointSeconds = 0 } };
        run.Run(run.Start(), state => saved.Add(state.Iteration));
        Assert.Equal([1, 2, 3, 4, 5, 6], saved);
        saved.Clear();
        s_run.Run(s_run.Start(), state => saved.Add(state.Iteration));
        Assert.Equal([6], saved);
    }

    [Fact]
    public void Early_stopping_ends_a_run_that_no_longer_improves_and_keeps_the_best()
    {
        var run = s_run with
        {
            Validation = new Nuisance20(3, 2, 2),
            Settings = s_run.Settings with { Iterations = 100, Patience = 3, Outer = new() { Optimiser = OuterOptimiser.Sgd, Rate = 1e-30 } },
        };
        var result = run.Run(run.Start());
        Assert.Equal(TrainingOutcome.StoppedEarly, result.Outcome);
        Assert.Equal((8, 2), (result.State.Iteration, result.State.BestIteration));
        Assert.True(result.State.Chosen.Theta.BitEquals(result.State.Best));
    }

    [Fact]
    public void Diverged_loss_ends_the_run_with_one_sentence_that_names_the_iteration()
    {
        var run = s_run with { Learner = new Maml { InnerRate = 1e30, Steps = 3 }, Model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 3 } };
        var error = Assert.Throws<DivergenceException>(() => run.Run(run.Start()));
        Assert.StartsWith("The loss became NaN at iteration 1: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Learner_that_meta_learns_nothing_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => (s_run with { Learner = new NearestCentroid() }).Start());
        Assert.Equal("NearestCentroid has nothing to meta-learn: evaluate it without training.", error.Message);
    }

    [Fact]
    public void Seed_determines_the_run()
    {
        Parameters Train(ulong seed)
        {
            var run = s_run with { Settings = s_run.Settings with { Seed = seed } };
            return run.Run(run.Start()).State.Theta;
        }

        Assert.True(Train(7).BitEquals(Train(7)));
        Assert.False(Train(7).BitEquals(Train(8)));
    }

    [Fact]
    public void Running_statistics_are_an_exponential_average_of_what_each_layer_sees()
    {
        var tasks = new FewShotClassification(new SyntheticPool(9, 6, 1, 16, 16), 3, 1, 2);
        var model = new Conv4 { Height = 16, Width = 16, Filters = 4, BatchNorm = BatchNormPolicy.Running };
        var run = s_run with { Model = model, Tasks = tasks, Settings = s_run.Settings with { MetaBatch = 1, StatisticsMomentum = 0.25 } };
        TrainingState After(int iterations)
        {
            var part = run with { Settings = run.Settings with { Iterations = iterations } };
            return part.Run(part.Start()).State;
        }

        var generator = Generator.Restore(run.Start().Generator);
        Parameters Seen(int iteration)
        {
            var episode = tasks.Sample(generator.Derive(1, iteration, 0));
            return model.BatchStatistics(After(iteration + 1).Theta, Tensor.Cat([episode.Support.Inputs, episode.Query.Inputs]));
        }

        var expected = (0.75 * Seen(0)) + (0.25 * Seen(1));
        Assert.True(After(2).Statistics.Zip(expected, (a, b) => (a - b).Abs().Max()).Leaves.All(leaf => leaf.ToDouble() < 1e-5));
        Assert.Equal(BatchNormPolicy.Running, run.ForEvaluation(expected).BatchNorm);
        Assert.NotSame(model, run.ForEvaluation(expected));
    }

    [Theory]
    [InlineData(Execution.Auto, 2, false, Execution.Vectorised)]
    [InlineData(Execution.Auto, 2, true, Execution.Parallel)]
    [InlineData(Execution.Auto, 1, true, Execution.Loop)]
    [InlineData(Execution.Vectorised, 1, true, Execution.Vectorised)]
    public void Execution_is_chosen_by_the_inputs_and_the_threads(Execution asked, int threads, bool images, Execution expected)
    {
        var inputs = Tensor.Zeros(images ? [2, 1, 16, 16] : [2, 20]);
        var examples = new Examples(inputs, Tensor.From([0L, 1]), Ways: 2);
        Assert.Equal(expected, MetaBatch.Choose(asked, new(examples, examples, ""), threads));
    }

    [Fact]
    public void Vectorised_episodes_of_different_shapes_are_refused_with_what_to_do()
    {
        using var random = Generator.Seed(1);
        Episode[] episodes = [new Nuisance20(3, 1, 2).Sample(random), new Nuisance20(3, 2, 2).Sample(random)];
        var theta = s_run.Model.Init(random);
        var error = Assert.Throws<ArgumentException>(() => MetaBatch.Mean(s_run.Learner, s_run.Model, theta, episodes, random, Execution.Vectorised));
        Assert.EndsWith("use Loop or Parallel.", error.Message, StringComparison.Ordinal);
        Assert.Equal([2, 6, 3], MetaBatch.Mean(s_run.Learner, s_run.Model, theta, episodes, random, Execution.Loop).Predictions.Shape);
    }

    // Caches have filled after 1,000 iterations: a graph that is kept in each of the others would add megabytes.
    [Theory]
    [InlineData(Execution.Loop)]
    [InlineData(Execution.Parallel)]
    [InlineData(Execution.Vectorised)]
    public void Memory_stays_where_it_was_over_a_long_run(Execution execution)
    {
        var settings = s_run.Settings with { Iterations = 2000, Threads = 2, Execution = execution, ValidateEvery = 100, CheckpointSeconds = 0 };
        var run = s_run with { Validation = new Nuisance20(3, 2, 2), Settings = settings };
        var baseline = 0L;
        var progress = new Immediate<TrainingProgress>(report => baseline = report.Iteration == 1000 ? Memory.HeldMegabytes() : baseline);
        run.Run(run.Start(), _ => { }, progress);
        Assert.InRange(Memory.HeldMegabytes() - baseline, long.MinValue, 1);
    }

    // What a checkpoint holds lies on the processor, wherever the run computes.
    [Fact]
    public void Run_on_a_gpu_resumes_from_a_state_on_the_processor()
    {
        Assert.SkipWhen(TorchInfo.CudaDevices == 0, "There is no CUDA device.");
        var run = s_run with { Device = Device.Cuda() };
        var start = run.Start();
        var result = run.Run(start.WithLeaves([.. start.Leaves.Select(leaf => leaf.To(Device.Cpu))]));
        Assert.All(result.State.Theta.Leaves, leaf => Assert.Equal(Device.Cuda(), leaf.Device));
    }

    private sealed record Cancels(ITaskDistribution Inner, CancellationTokenSource Cancellation) : ITaskDistribution
    {
        public string Name => Inner.Name;

        public Episode Sample(Generator random)
        {
            Cancellation.Cancel();
            return Inner.Sample(random);
        }
    }
}

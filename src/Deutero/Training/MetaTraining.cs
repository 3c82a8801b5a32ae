using System.Diagnostics;
using Deutero.Evaluation;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Torch.Distributed;

namespace Deutero.Training;

/// <summary>Meta-training: the outer loop with validation, early stopping, progress, cancellation and checkpoints.</summary>
/// <remarks>
/// The loop itself is: draw a meta-batch, average the learner's meta-gradients, step the outer optimiser. Every episode is drawn from a generator
/// derived from (seed, iteration, place), so that a run which was killed and resumed ends with the same bits as one that was not.
/// </remarks>
public sealed record MetaTraining
{
    // The streams of randomness that are derived from the run's seed.
    private const long InitStream = 0;
    private const long EpisodeStream = 1;
    private const long LearnerStream = 2;
    private const long ValidationStream = 3;

    /// <summary>The algorithm.</summary>
    public required IMetaLearner Learner { get; init; }

    /// <summary>The architecture.</summary>
    public required IModel Model { get; init; }

    /// <summary>What meta-training draws its episodes from.</summary>
    public required ITaskDistribution Tasks { get; init; }

    /// <summary>What validations draw their episodes from, of classes that meta-training never sees; null for none.</summary>
    public ITaskDistribution? Validation { get; init; }

    /// <summary>The settings.</summary>
    public TrainingSettings Settings { get; init; } = new();

    /// <summary>Where the run computes; default the processor.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>The processes that share the work, each with the same settings; default null: this process does all of it.</summary>
    /// <remarks>
    /// Each process computes its own episodes of every meta-batch and validation, and all make the same outer updates. Gradients are added in float64, so
    /// that the number of processes changes the result by rounding at most (by more under <see cref="TrainingSettings.Compression"/>).
    /// </remarks>
    public ProcessGroup? Group { get; init; }

    /// <summary>The state before the first iteration.</summary>
    /// <param name="from">
    /// Meta-parameters of an earlier training to begin with, of this or another learner: those that both have are taken, what is lacking, such as a head on
    /// a body that was trained without one, or one for another number of classes, is drawn from the seed. Null draws all of them.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The learner has nothing to meta-learn, it cannot be trained with the outer optimiser, or the given parameters have none of its names, or one of
    /// another shape.
    /// </exception>
    public TrainingState Start(Parameters? from = null)
    {
        using var scope = new TensorScope();
        var generator = Generator.Seed(Settings.Seed);
        using var init = generator.Derive(InitStream);
        var theta = Learner.Init(Model, init).To(Device);
        if (theta.Count == 0)
        {
            throw new ArgumentException($"{Learner.GetType().Name} has nothing to meta-learn: evaluate it without training.");
        }

        if (Learner is Reptile { InnerAdam: true, CarryMoments: true } && Settings.Outer is not { Optimiser: OuterOptimiser.Sgd, Rate: <= 1 })
        {
            throw new ArgumentException(
                $"Reptile with CarryMoments needs SGD of a rate up to 1 as outer optimiser, but it is {Settings.Outer.Optimiser} with {Settings.Outer.Rate}.");
        }

        theta = from is null ? theta : Replace(theta, from).To(Device);
        var optimiser = Settings.Outer.Build(Settings.Iterations).Init(theta);
        return scope.Keep(new TrainingState(0, theta, optimiser, Parameters.Empty, theta, Parameters.Empty, double.NaN, 0, 0, generator.State));
    }

    /// <summary>The execution mode of a training: the one set, or the one that the state's training began with, or else the fastest of those that are sensible.</summary>
    /// <remarks>
    /// Modes are timed on the state's next meta-batch, whose results are thrown away, so that measuring changes nothing but the mode. Modes differ
    /// by rounding: for the same bits on every run set <see cref="TrainingSettings.Execution"/>. <see cref="Run"/> calls this where the state has no mode yet.
    /// </remarks>
    /// <param name="state">The state that the training starts or resumes from.</param>
    public ExecutionChoice ChooseExecution(TrainingState state)
    {
        if (Settings.Execution != Execution.Auto || state.Execution != Execution.Auto)
        {
            return ExecutionChoice.Given(Settings.Execution != Execution.Auto ? Settings.Execution : state.Execution);
        }

        using var scope = new TensorScope();
        var threads = Settings.ThreadCount;
        Threads.SetForThisThread(threads);
        using var generator = Generator.Restore(state.Generator);
        using var random = generator.Derive(LearnerStream, state.Iteration);
        var (episodes, first) = Draw(generator, state.Iteration);
        var alike = episodes.All(episode => episode.Leaves.Zip(first.Leaves).All(pair => pair.First.Shape.SequenceEqual(pair.Second.Shape)));
        Execution[] candidates = [.. MetaBatch.Candidates(first, threads).Where(execution => alike || execution != Execution.Vectorised)];
        if (Group is not null || Settings.MemoryBudget.Length > 0)
        {
            // Processes that share a machine would disturb each other, and modes that are tried in one process add up their memory.
            return ExecutionChoice.Given(candidates[0]);
        }

        var theta = state.Theta.To(Device);
        void Once(Execution execution)
        {
            using var inner = new TensorScope();
            MetaBatch.Mean(LearnerAt(state.Iteration), Model, theta, episodes, random, execution, threads).Loss.ToDouble(); // reading it waits for a GPU
        }

        return ExecutionChoice.Measure(candidates, Once, Settings.Iterations - state.Iteration);
    }

    /// <summary>Trains from a state to the end, to early stopping, or until cancelled.</summary>
    /// <param name="state">
    /// The result of <see cref="Start"/>, or a state read from a checkpoint; its tensors are freed as the run replaces them. In a group, that of rank 0
    /// counts.
    /// </param>
    /// <param name="save">Called with the state at checkpoints, and at the end; null for none. In a group, only rank 0 is to have one.</param>
    /// <param name="progress">Called after every iteration.</param>
    /// <param name="cancellation">Stops between iterations, saving first.</param>
    /// <exception cref="DivergenceException">The loss became infinite or no number.</exception>
    /// <exception cref="DistributedException">Another process of the group was lost; the last complete iteration was saved.</exception>
    public TrainingResult Run(
        TrainingState state, Action<TrainingState>? save = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var threads = Settings.ThreadCount;
        Threads.SetForThisThread(threads);
        state = OnDevice(Group is null ? state : Joined(Group, state));
        state = state with { Execution = ChooseExecution(state).Execution };
        try
        {
            return Train(ref state, threads, save, progress, cancellation);
        }
        catch (DistributedException lost) when (lost.PeerLost && state.Residual.Count == 0)
        {
            save?.Invoke(state); // a residual would have to be collected from all ranks
            throw;
        }
    }

    /// <summary>The model to evaluate a state's best parameters with: with the running statistics, where the BatchNorm policy asks for them.</summary>
    /// <param name="statistics">The running statistics.</param>
    public IModel ForEvaluation(Parameters statistics) =>
        Model.BatchNorm == BatchNormPolicy.Running && statistics.Count > 0 ? Model.WithStatistics(statistics) : Model;

    private TrainingResult Train(
        ref TrainingState state, int threads, Action<TrainingState>? save, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        using var generator = Generator.Restore(state.Generator);
        var execution = state.Execution;
        var outer = Settings.Outer.Build(Settings.Iterations);
        var (clock, sinceSave, firstIteration) = (Stopwatch.StartNew(), Stopwatch.StartNew(), state.Iteration);
        var outcome = TrainingOutcome.Completed;
        while (state.Iteration < Settings.Iterations)
        {
            if (Group is null && cancellation.IsCancellationRequested)
            {
                outcome = TrainingOutcome.Cancelled;
                break;
            }

            using var scope = new TensorScope();
            var iteration = state.Iteration;
            var (episodes, first) = Draw(generator, iteration);
            using var random = generator.Derive(LearnerStream, iteration);
            var update = Update(state, episodes, random, execution, threads) with
            {
                Stop = cancellation.IsCancellationRequested,
                Save = save is not null && sinceSave.Elapsed.TotalSeconds >= Settings.CheckpointSeconds,
            };
            update = Group is null ? update : update.Over(Group, Settings.Compression);
            var loss = RefuseDivergence(update.Loss / Settings.MetaBatch, iteration);
            var (theta, optimiser) = outer.Step(state.Theta, state.Optimiser, MetaBatch.Mean(update.Direction, Settings.MetaBatch, state.Theta));
            var next = state with
            {
                Iteration = iteration + 1,
                Theta = theta,
                Optimiser = optimiser,
                Statistics = TrackStatistics(state.Statistics, theta, first),
                Residual = update.Residual,
            };
            Interval? score = null;
            if (IsValidation(next.Iteration))
            {
                try
                {
                    score = Validate(next, threads, cancellation);
                }
                catch (OperationCanceledException)
                {
                    outcome = TrainingOutcome.Cancelled; // the iteration is repeated after resuming, with its validation
                    break;
                }

                next = WithValidation(next, score.Value.Mean, higherIsBetter: first.Ways > 0);
            }

            Replace(ref state, next, scope);
            progress?.Report(Describe(state, firstIteration, clock.Elapsed, loss, update.Accuracy / Settings.MetaBatch, score));
            if (Settings.Patience > 0 && state.Waited >= Settings.Patience)
            {
                outcome = TrainingOutcome.StoppedEarly;
                break;
            }

            if (Group is not null && update.Stop && state.Iteration < Settings.Iterations)
            {
                outcome = TrainingOutcome.Cancelled;
                break;
            }

            if (update.Save && state.Iteration < Settings.Iterations)
            {
                Save(state, save);
                sinceSave.Restart();
            }
        }

        Save(state, save);
        return new(TensorScope.Adopt(state), outcome, execution);
    }

    // Every process has the state of rank 0, and its own part of what compression carries. Without as many processes as before, each takes an
    // equal part of the whole: no gradient is lost.
    private TrainingState Joined(ProcessGroup group, TrainingState state)
    {
        state = TrainingState.Broadcast(group, state);
        using var scope = new TensorScope();
        Tensor Part(Tensor all) => all.Size(0) == group.Size ? all[group.Rank] : all.Sum([0]) / group.Size;
        var residual = state.Residual.Count > 0 ? state.Residual.Map(Part) : Settings.Compression.Init(state.Theta);
        return scope.Release(state with { Residual = residual });
    }

    private void Save(TrainingState state, Action<TrainingState>? save)
    {
        using var scope = new TensorScope();
        var whole = Group is null || state.Residual.Count == 0 ? state : state with { Residual = state.Residual.Map(Group.AllGather) }; // by all ranks
        save?.Invoke(whole);
    }

    // A checkpoint is read on the processor. Counters stay there, where the optimiser reads them.
    private TrainingState OnDevice(TrainingState state)
    {
        using var scope = new TensorScope();
        return scope.Release(state.WithLeaves([.. state.Leaves.Select(leaf => leaf.DType.IsFloatingPoint() ? leaf.To(Device) : leaf)]));
    }

    // The old state's tensors live outside of any scope: free those that the new state does not share, and keep the new ones.
    private static void Replace(ref TrainingState state, TrainingState next, TensorScope scope)
    {
        var old = state;
        var kept = new HashSet<Tensor>(next.Leaves, ReferenceEqualityComparer.Instance);
        scope.Release(next);
        foreach (var tensor in old.Leaves)
        {
            if (!kept.Contains(tensor))
            {
                tensor.Dispose();
            }
        }

        state = next;
    }

    private static double RefuseDivergence(double loss, int iteration) =>
        double.IsFinite(loss) ? loss : throw new DivergenceException(iteration + 1, loss);

    // The episodes of this process, and the first of the meta-batch, or one like it where only its kind matters.
    private (Episode[] Own, Episode First) Draw(Generator generator, int iteration)
    {
        Episode At(int place)
        {
            using var random = generator.Derive(EpisodeStream, iteration, place);
            return Tasks.Sample(random).To(Device);
        }

        var own = Enumerable.Range(0, Settings.MetaBatch).Where(place => Group is null || Group.Owns(place)).Select(At).ToArray();
        var ownIsFirst = Group is null || Group.Rank == 0 || (own.Length > 0 && Model.BatchNorm != BatchNormPolicy.Running);
        return (own, ownIsFirst ? own[0] : At(0));
    }

    // The iteration is part of the state, so that annealing goes on where a resumed run left off.
    private IMetaLearner LearnerAt(int iteration) => Learner is IAnnealedLearner annealed ? annealed.At(iteration, Settings.Iterations) : Learner;

    private OuterUpdate Update(TrainingState state, Episode[] episodes, Generator random, Execution execution, int threads)
    {
        if (episodes.Length == 0)
        {
            return new(state.Theta.Map(leaf => leaf.ZerosLike(dtype: DType.Float64)), 0, 0, false, false, state.Residual);
        }

        var sum = MetaBatch.Sum(LearnerAt(state.Iteration), Model, state.Theta, episodes, random, execution, threads);
        return new(sum.Direction, sum.Loss.ToDouble(), episodes.Length * TrainingAccuracy(sum.Predictions, episodes), false, false, state.Residual);
    }

    private Parameters Replace(Parameters drawn, Parameters given)
    {
        static string Describe(string name, Tensor leaf) => $"{name} [{string.Join(", ", leaf.Shape)}]";
        var common = given.Where(name => drawn.Contains(name) && !IsOfOtherClasses(given[name], drawn[name]));
        var other = common.FirstOrDefault(item => !item.Value.Shape.SequenceEqual(drawn[item.Key].Shape));
        return (common.Count, other.Value) switch
        {
            (0, _) => throw new ArgumentException(
                $"Training cannot begin with parameters {string.Join(", ", given.Names)}: the learner and model have {string.Join(", ", drawn.Names)}."),
            (_, not null) => throw new ArgumentException(
                $"Training cannot begin with {Describe(other.Key, other.Value)}: the learner and model have {Describe(other.Key, drawn[other.Key])}."),
            _ => drawn.With(common),
        };
    }

    // Whether shapes differ in nothing but the number of classes, as those of a head do and of what is learned for each of its numbers.
    private bool IsOfOtherClasses(Tensor given, Tensor drawn)
    {
        var hasHead = Learner.HeadWidth(1) > 0;
        var differing = drawn.Shape.Zip(given.Shape).Where(sizes => sizes.First != sizes.Second).ToArray();
        return hasHead && given.Rank == drawn.Rank && differing.Length > 0 && differing.All(sizes => sizes.First == Model.OutputWidth);
    }

    private bool IsValidation(int iteration) =>
        Validation is not null && Settings.ValidateEvery > 0 && (iteration % Settings.ValidateEvery == 0 || iteration == Settings.Iterations);

    private Interval Validate(TrainingState state, int threads, CancellationToken cancellation)
    {
        using var seeds = Generator.Seed(Settings.Seed).Derive(ValidationStream);
        var episodes = new FrozenEpisodes(new MovedTo(Device, Validation!), seeds.NextUInt64(), Settings.ValidationEpisodes);
        return new Evaluator { Threads = Device == Device.Cpu ? threads : 1, Group = Group }
            .Run(Learner, ForEvaluation(state.Statistics), state.Theta, episodes, cancellation: cancellation).Score;
    }

    private static TrainingState WithValidation(TrainingState state, double score, bool higherIsBetter)
    {
        var better = double.IsNaN(state.BestScore) || (higherIsBetter ? score > state.BestScore : score < state.BestScore);
        return better
            ? state with { Best = state.Theta, BestStatistics = state.Statistics, BestScore = score, BestIteration = state.Iteration, Waited = 0 }
            : state with { Waited = state.Waited + 1 };
    }

    private Parameters TrackStatistics(Parameters statistics, Parameters theta, Episode episode)
    {
        if (Model.BatchNorm != BatchNormPolicy.Running)
        {
            return statistics;
        }

        var current = Model.BatchStatistics(theta, ItemsOf(episode));
        var momentum = Settings.StatisticsMomentum;
        return statistics.Count == 0 ? current : ((1 - momentum) * statistics) + (momentum * current);
    }

    // A support set of attributes has no items of the queries' kind.
    private static Tensor ItemsOf(Episode episode) =>
        episode.Support.Inputs.Shape.Skip(1).SequenceEqual(episode.Query.Inputs.Shape.Skip(1)) ? episode.Support.Concat(episode.Query).Inputs : episode.Query.Inputs;

    private static double TrainingAccuracy(Tensor predictions, Episode[] episodes)
    {
        if (episodes[0].Ways == 0)
        {
            return double.NaN;
        }

        var labels = predictions.Rank == 3
            ? Tensor.Stack([.. episodes.Select(episode => episode.Query.Targets)])
            : Tensor.Cat([.. episodes.Select(episode => episode.Query.Targets)]);
        return Evaluator.Accuracy(predictions, labels);
    }

    private TrainingProgress Describe(TrainingState state, int first, TimeSpan elapsed, double loss, double accuracy, Interval? score)
    {
        var rate = (state.Iteration - first) / elapsed.TotalSeconds;
        return new(
            state.Iteration, Settings.Iterations, loss, accuracy, rate * Settings.MetaBatch, elapsed, TimeSpan.FromSeconds((Settings.Iterations - state.Iteration) / rate), score);
    }

    private sealed record MovedTo(Device Target, ITaskDistribution Inner) : ITaskDistribution
    {
        public string Name => Inner.Name;

        public Episode Sample(Generator random) => Inner.Sample(random).To(Target);
    }
}

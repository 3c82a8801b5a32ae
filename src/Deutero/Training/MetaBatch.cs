using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Training;

/// <summary>The mean meta-gradient of a meta-batch of episodes, under each execution mode.</summary>
public static class MetaBatch
{
    /// <summary>The modes that <see cref="Execution.Auto"/> stands for, in order of preference.</summary>
    /// <remarks>
    /// Vectorised comes first on a GPU, and on a CPU for inputs that are no images, where operator overhead dominates; Parallel otherwise. Images on a
    /// CPU are never vectorised: over convolutions VMap is slower than a loop there, and holds the graphs of all tasks at once.
    /// </remarks>
    /// <param name="episode">An episode of the kind to be run.</param>
    /// <param name="threads">The threads at hand.</param>
    public static IReadOnlyList<Execution> Candidates(Episode episode, int threads)
    {
        var onCpu = episode.Support.Inputs.Device == Device.Cpu;
        var vectorised = !onCpu || episode.Support.Inputs.Rank < 4;
        return [.. vectorised ? [Execution.Vectorised] : Array.Empty<Execution>(), .. onCpu && threads > 1 ? [Execution.Parallel] : Array.Empty<Execution>(), Execution.Loop];
    }

    /// <summary>The mode for <see cref="Execution.Auto"/> where nothing is measured: the first of <see cref="Candidates"/>.</summary>
    /// <param name="execution">The mode asked for.</param>
    /// <param name="episode">An episode of the kind to be run.</param>
    /// <param name="threads">The threads at hand.</param>
    public static Execution Choose(Execution execution, Episode episode, int threads) =>
        execution == Execution.Auto ? Candidates(episode, threads)[0] : execution;

    /// <summary>The mean over episodes of the learner's meta-gradients.</summary>
    /// <param name="learner">The algorithm.</param>
    /// <param name="model">The architecture.</param>
    /// <param name="theta">The meta-parameters.</param>
    /// <param name="episodes">At least one episode.</param>
    /// <param name="random">A generator of which every episode receives an identical copy.</param>
    /// <param name="execution">How to run the episodes.</param>
    /// <param name="threads">The .NET threads of <see cref="Execution.Parallel"/>.</param>
    /// <returns>The mean direction, the mean loss, and the predictions of all episodes, shape <c>[episodes, N, ways]</c> where the shapes agree, else <c>[sum of N, most ways]</c>.</returns>
    public static MetaGradient Mean(
        IMetaLearner learner, IModel model, Parameters theta, IReadOnlyList<Episode> episodes, Generator random, Execution execution, int threads = 1)
    {
        var sum = Sum(learner, model, theta, episodes, random, execution, threads);
        return sum with { Direction = Mean(sum.Direction, episodes.Count, theta), Loss = (sum.Loss / episodes.Count).To(sum.Predictions.DType) };
    }

    /// <summary>The sums of the directions and losses in float64, in which sums of float32 are exact but for extremes: they do not depend on the order.</summary>
    internal static MetaGradient Sum(
        IMetaLearner learner, IModel model, Parameters theta, IReadOnlyList<Episode> episodes, Generator random, Execution execution, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfZero(episodes.Count);
        return Choose(execution, episodes[0], threads) switch
        {
            Execution.Vectorised => Vectorised(learner, model, theta, episodes, random),
            Execution.Parallel when threads > 1 && episodes.Count > 1 => Add(Parallel(learner, model, theta, episodes, random, threads)),
            _ => Add([.. episodes.Select(episode => One(learner, model, theta, episode, random))]),
        };
    }

    /// <summary>A mean of directions in the element type of the meta-parameters, from their sum.</summary>
    internal static Parameters Mean(Parameters sum, int episodes, Parameters theta) => sum.Zip(theta, (leaf, like) => (leaf / episodes).To(like.DType));

    // Only one episode's graph is alive at a time: its scope frees everything but the result.
    private static MetaGradient One(IMetaLearner learner, IModel model, Parameters theta, Episode episode, Generator random)
    {
        using var scope = new TensorScope();
        using var copy = random.Derive();
        return scope.Keep(learner.MetaGradient(model, theta, episode, copy));
    }

    private static MetaGradient Vectorised(IMetaLearner learner, IModel model, Parameters theta, IReadOnlyList<Episode> episodes, Generator random)
    {
        using var scope = new TensorScope();
        var batch = Episode.Stack(episodes);
        var gradients = Transforms.VMap(
            episode =>
            {
                using var copy = random.Derive();
                return learner.MetaGradient(model, theta, episode, copy);
            },
            batch);
        return scope.Keep(gradients with { Direction = gradients.Direction.Map(leaf => leaf.Sum([0], dtype: DType.Float64)), Loss = gradients.Loss.Sum(dtype: DType.Float64) });
    }

    private static MetaGradient[] Parallel(
        IMetaLearner learner, IModel model, Parameters theta, IReadOnlyList<Episode> episodes, Generator random, int threads)
    {
        var results = new MetaGradient[episodes.Count];
        ParallelTasks.Run(episodes.Count, threads, i => results[i] = One(learner, model, theta, episodes[i], random));
        return Array.ConvertAll(results, TensorScope.Adopt);
    }

    private static MetaGradient Add(MetaGradient[] gradients)
    {
        var sum = gradients.Skip(1).Aggregate(gradients[0].Direction.To(DType.Float64), (total, next) => total + next.Direction);
        var loss = gradients.Skip(1).Aggregate(gradients[0].Loss.To(DType.Float64), (total, next) => total + next.Loss);
        var sameShape = gradients.All(gradient => gradient.Predictions.Shape.SequenceEqual(gradients[0].Predictions.Shape));
        var predictions = sameShape
            ? Tensor.Stack([.. gradients.Select(gradient => gradient.Predictions)])
            : Tensor.Cat([.. gradients.Select(gradient => Widened(gradient.Predictions, gradients.Max(other => other.Predictions.Size(-1))))]);
        return new(sum, loss, predictions);
    }

    // Classes that an episode does not have get logits that no query is taken for.
    private static Tensor Widened(Tensor predictions, long ways) =>
        predictions.Size(-1) == ways ? predictions : predictions.ConstantPadNd([0, ways - predictions.Size(-1)], double.NegativeInfinity);
}

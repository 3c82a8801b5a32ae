using Deutero.Learners;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Cli.Runs;

/// <summary>What meta-training tasks are made of: one of the records in here. Validation and test tasks are always of labelled classes.</summary>
/// <remarks>In a configuration: <c>"trainTasks": "umtra"</c>, or <c>"trainTasks": { "type": "cactus", "clusters": 200 }</c>.</remarks>
public abstract record TrainTasks
{
    private TrainTasks()
    {
    }

    // Null where tasks are of labelled classes.
    internal abstract ITaskDistribution? Unlabelled(IClassPool pool, int ways, int shots, int queries, ulong seed);

    internal abstract (ITaskDistribution Tasks, int Outputs) Minibatches(IClassPool pool, EpisodeSettings episodes, ulong seed);

    private static ArgumentException NoMinibatches() => new(
        "episodes.trainBatch draws minibatches of classes or of rotations, but episodes.trainTasks makes episodes of something else: leave it at 0.");

    /// <summary>Classes, as the data has them and <see cref="EpisodeSettings.Sampling"/> draws them.</summary>
    public sealed record Labelled : TrainTasks
    {
        internal override ITaskDistribution? Unlabelled(IClassPool pool, int ways, int shots, int queries, ulong seed) => null;

        internal override (ITaskDistribution Tasks, int Outputs) Minibatches(IClassPool pool, EpisodeSettings episodes, ulong seed) =>
            (new BaseClasses(pool, episodes.TrainBatch), pool.ClassCount);
    }

    /// <summary>Single items without labels, each a class of its own, whose queries are augmentations of it (Khodadadeh et al., NeurIPS 2019).</summary>
    public sealed record Umtra : TrainTasks
    {
        /// <summary>How a query is made of an item.</summary>
        public Augmentation Augmentation { get; init; } = new();

        /// <summary>Whether the support set is of augmentations, too, as SimCLR has it; default false.</summary>
        public bool AugmentsSupport { get; init; }

        internal override ITaskDistribution Unlabelled(IClassPool pool, int ways, int shots, int queries, ulong seed) => shots == 1
            ? new AugmentedItems(new(pool), ways, queries, Augmentation) { AugmentsSupport = AugmentsSupport }
            : throw new ArgumentException($"A class of a task of augmented items has one support example but {shots} were asked for: set episodes.trainShots=1.");

        internal override (ITaskDistribution Tasks, int Outputs) Minibatches(IClassPool pool, EpisodeSettings episodes, ulong seed) => throw NoMinibatches();
    }

    /// <summary>Clusters of items without labels, by k-means of their features (Hsu, Levine and Finn, ICLR 2019).</summary>
    public sealed record Cactus : TrainTasks
    {
        private const long Stream = 100; // of the training's seed, beside those of meta-training

        /// <summary>Clusters of a partition, at least 2; those with too few items for a task are left out; default 500.</summary>
        public int Clusters { get; init => field = EpisodeSettings.Least(value, 2, nameof(Clusters)); } = 500;

        /// <summary>Partitions, at least 1, all but the first under a random scaling of the features; default 1.</summary>
        public int Partitions { get; init => field = EpisodeSettings.Least(value, 1, nameof(Partitions)); } = 1;

        /// <summary>A run folder whose body gives the features, at unit length, for example one of SimCLR; empty clusters the inputs themselves; default empty.</summary>
        public string Body { get; init; } = "";

        internal override ITaskDistribution Unlabelled(IClassPool pool, int ways, int shots, int queries, ulong seed)
        {
            var items = new UnlabelledItems(pool);
            if (Clusters < ways || Clusters > items.Count)
            {
                throw new ArgumentException($"episodes.trainTasks.clusters={Clusters} must lie between the {ways} ways of a meta-training task and the {items.Count} items of {items.Name}.");
            }

            return new WhenNeeded($"{items.Name}, {ways}-way {shots}-shot {queries}-query tasks of {Partitions} x {Clusters} clusters", () =>
            {
                using var scope = new TensorScope();
                using var random = Generator.Seed(seed).Derive(Stream);
                var partitions = ClusteredItems.Partitions(items.Embed(Features(items), random), Clusters, Partitions, random);
                return new ClusteredItems(items, partitions, ways, shots, queries);
            });
        }

        internal override (ITaskDistribution Tasks, int Outputs) Minibatches(IClassPool pool, EpisodeSettings episodes, ulong seed) => throw NoMinibatches();

        private Func<Tensor, Tensor> Features(UnlabelledItems items)
        {
            if (Body.Length == 0)
            {
                return inputs => inputs.Reshape([inputs.Size(0), -1]);
            }

            var body = PretrainedBody.Open(Body, items.ItemShape);
            return inputs =>
            {
                var features = body.Model.Forward(body.Theta, inputs);
                return features / (features.Square().Sum([-1], keepdim: true) + 1e-12).Sqrt();
            };
        }
    }

    /// <summary>Quarter turns of images without labels, in minibatches under fixed labels (Gidaris et al., ICLR 2018), for <see cref="ClassifierBaseline"/>.</summary>
    public sealed record Rotations : TrainTasks
    {
        internal override ITaskDistribution Unlabelled(IClassPool pool, int ways, int shots, int queries, ulong seed) => throw new ArgumentException(
            "Rotations are learned from minibatches under fixed labels: set learner=classifier-baseline and episodes.trainBatch, for example to 32.");

        internal override (ITaskDistribution Tasks, int Outputs) Minibatches(IClassPool pool, EpisodeSettings episodes, ulong seed) =>
            (new RotatedItems(new(pool), episodes.TrainBatch), RotatedItems.Turns);
    }

    /// <summary>Tasks that are drawn once and then stay, trained together in minibatches, for <see cref="MultiTask"/>.</summary>
    public sealed record Fixed : TrainTasks
    {
        private const long Stream = 101; // of the training's seed

        /// <summary>The number of tasks, at least 2, none of which shares a class with another; default 8.</summary>
        public int Tasks { get; init => field = EpisodeSettings.Least(value, 2, nameof(Tasks)); } = 8;

        internal override ITaskDistribution Unlabelled(IClassPool pool, int ways, int shots, int queries, ulong seed) => throw new ArgumentException(
            "Fixed tasks are trained together in minibatches under fixed labels: set learner=multi-task and episodes.trainBatch, for example to 128.");

        internal override (ITaskDistribution Tasks, int Outputs) Minibatches(IClassPool pool, EpisodeSettings episodes, ulong seed)
        {
            var ways = TaskFamily.Or(episodes.TrainWays, episodes.Ways);
            if (episodes.TrainBatch < Tasks)
            {
                throw new ArgumentException($"A minibatch has items of each of {Tasks} tasks but episodes.trainBatch={episodes.TrainBatch}: set it to {Tasks} or more.");
            }

            using var random = Generator.Seed(seed).Derive(Stream);
            return (new FixedTasks(pool, Tasks, ways, episodes.TrainBatch / Tasks, random, episodes.Sampling == EpisodeSampling.WithinGroups), Tasks * ways);
        }
    }

    // Clustering takes seconds to minutes, which an evaluation has no use for.
    private sealed class WhenNeeded(string name, Func<ITaskDistribution> make) : ITaskDistribution
    {
        private readonly Lazy<ITaskDistribution> _tasks = new(make);

        public string Name => name;

        public Episode Sample(Generator random) => _tasks.Value.Sample(random);
    }
}

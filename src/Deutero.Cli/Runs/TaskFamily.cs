using Deutero.Cli.Configuration;
using Deutero.Data;
using Deutero.Edge;
using Deutero.Evaluation;
using Deutero.Learners;
using Deutero.Tasks;

namespace Deutero.Cli.Runs;

/// <summary>The task distributions of a run, with the sizes that the model must have.</summary>
/// <param name="Train">Meta-training episodes.</param>
/// <param name="Validation">Meta-validation episodes, shaped as test episodes.</param>
/// <param name="Test">Meta-test episodes.</param>
/// <param name="ItemShape">The shape of one input.</param>
/// <param name="TrainOutputs">The ways of a meta-training episode, all classes where minibatches of them are trained on, or the outputs of a regression.</param>
/// <param name="Pools">The classes behind the episodes; null where tasks are drawn from a formula or a curve, or from several data sets.</param>
public sealed record TaskFamily(
    ITaskDistribution Train, ITaskDistribution Validation, ITaskDistribution Test, IReadOnlyList<long> ItemShape, int TrainOutputs, ClassData? Pools)
{
    private const int FrameChannels = 3;
    private const int FrameSize = 32;

    /// <summary>What a model of these tasks takes, where that follows from the data: texts, rows or numbers; null for images, and for tasks that no model is served for.</summary>
    public InputContract? Contract { get; init; }

    private static IReadOnlyList<string> Names =>
    [
        .. ClassData.Names, "meta-dataset", "sinusoid", "polynomials", "sinusoids-and-lines", "gaussian-processes", "linear-regressions", "synthetic-tables",
        .. CurveData.Names, .. MoleculeData.Names, "uci",
    ];

    /// <summary>Opens the data of a configuration.</summary>
    /// <param name="configuration">The run's configuration.</param>
    /// <exception cref="ArgumentException">The data set is unknown or too small for the episodes, or the learner cannot learn from them.</exception>
    public static TaskFamily Open(RunConfiguration configuration)
    {
        var (data, episodes) = (configuration.Data, configuration.Episodes);
        RefuseMisplacedAttributes(data, episodes, configuration.Learner);
        if (data.Body.Length > 0 && (data.Name is "meta-dataset" or "omniglot-one-shot" || Names.Except(ClassData.Names).Contains(data.Name)))
        {
            throw new ArgumentException($"data.body gives features of the items of classes, but tasks of {data.Name} are not drawn from classes of one data set: leave it empty.");
        }

        if (Regression(data.Name, episodes) is { } regression)
        {
            return new(regression, regression, regression, [regression is LinearRegressions linear ? linear.Features : 1], 1, null);
        }

        if (data.Name == "synthetic-tables")
        {
            var tables = new SyntheticTables { Ways = episodes.Ways, Shots = episodes.Shots, Queries = episodes.Queries };
            return new(tables, tables, tables, [tables.Features], episodes.Ways, null) { Contract = new([tables.Features], null) };
        }

        var folder = data.Folder.Length > 0 ? data.Folder : null;
        if (CurveData.Names.Contains(data.Name))
        {
            var family = CurveData.Open(data.Name, folder);
            CurveRegression Of(string split, IReadOnlyList<Curve> curves) => new($"{family.Name}/{split}", curves) { Shots = episodes.Shots, Queries = episodes.Queries };
            return new(Of("train", family.Train), Of("validation", family.Validation), Of("test", family.Test), [1], 1, null);
        }

        if (data.Name == "uci")
        {
            return OfTables(UciTables.Open(folder), episodes);
        }

        if (MoleculeData.Names.Contains(data.Name))
        {
            return OfMolecules(MoleculeData.Open(data.Name, folder), data, episodes);
        }

        var images = new ImageFolderOptions { Size = data.ImageSize, Channels = data.ImageChannels };
        var texts = new TextOptions { Buckets = data.TextBuckets, NGrams = data.TextNGrams, Words = data.TextWords };
        if (!data.Name.Contains(':', StringComparison.Ordinal) && !Names.Contains(data.Name))
        {
            throw new ArgumentException($"There is no data set or family of tasks '{Spelling.Shortened(data.Name)}': {Spelling.Suggestion(data.Name, Names)}.");
        }

        ClassData Classes(string name, bool? rotations)
        {
            var classes = ClassData.Open(name, folder, images, texts, data.Fold, rotations);
            return data.Attributes.Length == 0 ? classes : ClassAttributes.Add(classes, data.Attributes, folder);
        }

        bool? custom = data.Rotations ? true : null;
        if (data.Name == "meta-dataset")
        {
            return OfSources(configuration, name => Classes(name, custom));
        }

        var classes = Classes(data.Name, custom);

        if (data.Body.Length > 0)
        {
            classes = PretrainedBody.Open(data.Body, classes.Train.ItemShape).Embedded(classes);
        }

        // Turned characters in the pool would make the turn that is to be told apart unknowable.
        var upright = episodes.TrainTasks is TrainTasks.Rotations && data.Body.Length == 0 ? Classes(data.Name, rotations: false) : classes;
        var (train, outputs) = Training(configuration, upright.Train);
        train = episodes.CoTrainBatch > 0 ? new CoTraining(train, new BaseClasses(classes.Train, episodes.CoTrainBatch)) : train;
        var test = data.Name == "omniglot-one-shot" ? OneShotRuns(configuration, folder) : Like(classes.Test, episodes);
        return new(train, Like(classes.Validation, episodes), test, classes.Train.ItemShape, outputs, classes)
        {
            Contract = classes.Texts is { } read ? new(read) : classes.Columns is { } columns ? new(columns) : null,
        };
    }

    private static void RefuseMisplacedAttributes(DataSettings data, EpisodeSettings episodes, IMetaLearner learner)
    {
        if (data.Attributes.Length > 0 && Names.Except(ClassData.Names).Except(["meta-dataset"]).Contains(data.Name))
        {
            throw new ArgumentException($"data.attributes describes classes, but {data.Name} has none: leave it empty.");
        }

        if (episodes.Shots == 0 && (data.Attributes.Length == 0 || learner is not ZeroShotProtoNet))
        {
            throw new ArgumentException(
                $"episodes.shots=0 gives the attributes of classes in place of examples: set data.attributes and learner=zero-shot-protonet (found {learner.GetType().Name}).");
        }
    }

    // Lake's test is given: it is taken as it is, or a beginning of it.
    private static OneShotEpisodes OneShotRuns(RunConfiguration configuration, string? folder)
    {
        var runs = new OneShotEpisodes(Omniglot.OneShotRuns(folder));
        var (ways, shots, count) = (configuration.Episodes.Ways, configuration.Episodes.Shots, configuration.Evaluation.Episodes);
        return ways == 20 && shots == 1 && count <= runs.Count
            ? runs
            : throw new ArgumentException(
                $"Lake's one-shot runs are {runs.Count} episodes of 20 ways and 1 shot: set episodes.ways=20, episodes.shots=1 and evaluation.episodes={runs.Count} " +
                $"(found {ways}, {shots} and {count}).");
    }

    // Images of one shape, from several data sets; a test may have others than meta-training.
    private static TaskFamily OfSources(RunConfiguration configuration, Func<string, ClassData> open)
    {
        var (data, episodes) = (configuration.Data, configuration.Episodes);
        if (data.Sources.Count == 0 || episodes.TrainBatch > 0 || episodes.CoTrainBatch > 0)
        {
            throw new ArgumentException("data.name=meta-dataset needs data sets in data.sources, and episodes in place of episodes.trainBatch and without episodes.coTrainBatch.");
        }

        var sources = data.Sources.Select(open).ToArray();
        var tested = data.TestSources.Count == 0 ? sources : [.. data.TestSources.Select(name => sources.FirstOrDefault(source => source.Name == name) ?? open(name))];
        EpisodeGuard.RefuseClassOverlap([.. sources.SelectMany(source => (IClassPool[])[source.Train, source.Validation]), .. tested.Select(source => source.Test)]);
        var train = sources.Select(source => Training(configuration, Framed(source.Train))).ToArray();
        return new(
            Mixed(train.Select(source => source.Tasks)), Mixed(sources.Select(source => Like(Framed(source.Validation), episodes))),
            Mixed(tested.Select(source => Like(Framed(source.Test), episodes))), [FrameChannels, FrameSize, FrameSize], train[0].Outputs, null);
    }

    private static FramedImages Framed(IClassPool pool) => new(pool, FrameChannels, FrameSize);

    private static ITaskDistribution Mixed(IEnumerable<ITaskDistribution> tasks) => tasks.ToArray() is var all && all.Length == 1 ? all[0] : new Mixture(all);

    // Test episodes ask about all other molecules; there are no tasks for validation, so that it has those of meta-training.
    private static TaskFamily OfMolecules(MoleculeData molecules, DataSettings data, EpisodeSettings episodes)
    {
        var train = new MoleculeEpisodes(molecules, "train", molecules.Train)
        {
            Shots = Or(episodes.TrainShots, episodes.Shots), Queries = Or(episodes.TrainQueries, episodes.Queries), Atoms = data.MoleculeAtoms,
        };
        var test = new MoleculeEpisodes(molecules, "test", molecules.Test) { Shots = episodes.Shots, MostQueries = data.MoleculeQueries, Atoms = data.MoleculeAtoms };
        return new(train, train, test, train.ItemShape, 2, null);
    }

    // Real tables, of which those for the test are others than those for training.
    private static TaskFamily OfTables(UciTables tables, EpisodeSettings episodes)
    {
        var (ways, shots, queries) = (Or(episodes.TrainWays, episodes.Ways), Or(episodes.TrainShots, episodes.Shots), Or(episodes.TrainQueries, episodes.Queries));
        TableEpisodes Like(string split, IReadOnlyList<ClassTable> own) => new($"uci/{split}", own, episodes.Ways, episodes.Shots, episodes.Queries);
        return new(new TableEpisodes("uci/train", tables.Train, ways, shots, queries), Like("validation", tables.Validation), Like("test", tables.Test), [TableEpisodes.Columns], ways, null);
    }

    // Families of functions: every split draws from the same continuum of tasks.
    private static ITaskDistribution? Regression(string name, EpisodeSettings episodes) => name switch
    {
        "sinusoid" => new Sinusoid { Shots = episodes.Shots, Queries = episodes.Queries },
        "polynomials" => new Polynomials { Shots = episodes.Shots, Queries = episodes.Queries },
        "sinusoids-and-lines" => new SinusoidsAndLines { Shots = episodes.Shots, Queries = episodes.Queries },
        "gaussian-processes" => new GaussianProcesses { Shots = episodes.Shots, Queries = episodes.Queries },
        "linear-regressions" => new LinearRegressions { Shots = episodes.Shots, Queries = episodes.Queries },
        _ => null,
    };

    private static (ITaskDistribution Tasks, int Outputs) Training(RunConfiguration configuration, IClassPool pool)
    {
        var (episodes, learner) = (configuration.Episodes, configuration.Learner);
        RequireHeadsOfTasks(learner, episodes);
        if (episodes.TrainBatch > 0)
        {
            return episodes.TrainTasks.Minibatches(pool, episodes, configuration.Training.Seed);
        }

        if (learner is ClassifierBaseline)
        {
            throw new ArgumentException(
                "ClassifierBaseline learns all meta-training classes under fixed labels, but the labels of episodes change: set episodes.trainBatch, for example to 128.");
        }

        if (learner is Tadam { Classes: > 0 and var all } && episodes.CoTrainBatch == 0)
        {
            throw new ArgumentException($"learner.classes={all} asks for co-training on minibatches of all classes: set episodes.coTrainBatch, for example to 64.");
        }

        var (ways, shots, queries) = (Or(episodes.TrainWays, episodes.Ways), Or(episodes.TrainShots, episodes.Shots), Or(episodes.TrainQueries, episodes.Queries));
        if (episodes.TrainTasks.Unlabelled(pool, ways, shots, queries, configuration.Training.Seed) is { } unlabelled)
        {
            return (unlabelled, ways);
        }

        if (episodes.Sampling != EpisodeSampling.MetaDataset)
        {
            return (Of(pool, episodes, ways, shots, queries), ways);
        }

        return learner.HeadWidth(MetaDatasetEpisodes.MinimumWays) == learner.HeadWidth(MetaDatasetEpisodes.MaximumWays)
            ? (new MetaDatasetEpisodes(pool), MetaDatasetEpisodes.MaximumWays)
            : throw new ArgumentException(
                $"{learner.GetType().Name} has a last layer for a fixed number of ways, which varies under episodes.sampling=meta-dataset: choose a learner without, such as protonet.");
    }

    // Multi-task training and fixed tasks need each other, and must mean the same classes by a task.
    private static void RequireHeadsOfTasks(IMetaLearner learner, EpisodeSettings episodes)
    {
        var ways = Or(episodes.TrainWays, episodes.Ways);
        var problem = (learner, episodes.TrainTasks) switch
        {
            (MultiTask, not TrainTasks.Fixed) =>
                "MultiTask has a head for each of several tasks that stay: set episodes.trainTasks=fixed, and episodes.trainBatch, for example to 128.",
            (not MultiTask, TrainTasks.Fixed) => $"{learner.GetType().Name} has no heads for fixed tasks: set learner=multi-task, or episodes.trainTasks=labelled.",
            (MultiTask multi, _) when multi.Ways != ways =>
                $"MultiTask has heads of {multi.Ways} classes (learner.ways) but training tasks have {ways} (episodes.trainWays, or episodes.ways): set both alike.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new ArgumentException(problem);
        }
    }

    private static ITaskDistribution Like(IClassPool pool, EpisodeSettings episodes) => Of(pool, episodes, episodes.Ways, episodes.Shots, episodes.Queries);

    private static ITaskDistribution Of(IClassPool pool, EpisodeSettings episodes, int ways, int shots, int queries) =>
        episodes.Sampling == EpisodeSampling.MetaDataset
            ? new MetaDatasetEpisodes(pool)
            : new FewShotClassification(pool, ways, shots, queries, withinGroups: episodes.Sampling == EpisodeSampling.WithinGroups);

    internal static int Or(int value, int fallback) => value > 0 ? value : fallback;
}

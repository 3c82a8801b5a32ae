using Deutero.Data;
using Deutero.Learners;
using Deutero.Tasks;

namespace Deutero.Cli.Runs;

/// <summary>The task distributions of a run, with the sizes that the model must have.</summary>
/// <param name="Train">Meta-training episodes.</param>
/// <param name="Validation">Meta-validation episodes, shaped as test episodes.</param>
/// <param name="Test">Meta-test episodes.</param>
/// <param name="ItemShape">The shape of one input.</param>
/// <param name="TrainOutputs">The ways of a meta-training episode, all classes where minibatches of them are trained on, or the outputs of a regression.</param>
/// <param name="Pools">The classes behind the episodes; null where tasks are drawn from a formula or a curve.</param>
public sealed record TaskFamily(
    ITaskDistribution Train, ITaskDistribution Validation, ITaskDistribution Test, IReadOnlyList<long> ItemShape, int TrainOutputs, ClassData? Pools)
{
    /// <summary>Opens the data of a configuration.</summary>
    /// <param name="configuration">The run's configuration.</param>
    /// <exception cref="ArgumentException">The data set is unknown or too small for the episodes, or the learner cannot learn from them.</exception>
    public static TaskFamily Open(RunConfiguration configuration)
    {
        var (data, episodes) = (configuration.Data, configuration.Episodes);
        if (Regression(data.Name, episodes) is { } regression)
        {
            return new(regression, regression, regression, [regression is LinearRegressions linear ? linear.Features : 1], 1, null);
        }

        if (data.Name == "synthetic-tables")
        {
            var tables = new SyntheticTables { Ways = episodes.Ways, Shots = episodes.Shots, Queries = episodes.Queries };
            return new(tables, tables, tables, [tables.Features], episodes.Ways, null);
        }

        var folder = data.Folder.Length > 0 ? data.Folder : null;
        if (CurveData.Names.Contains(data.Name))
        {
            var family = CurveData.Open(data.Name, folder);
            CurveRegression Of(string split, IReadOnlyList<Curve> curves) => new($"{family.Name}/{split}", curves) { Shots = episodes.Shots, Queries = episodes.Queries };
            return new(Of("train", family.Train), Of("validation", family.Validation), Of("test", family.Test), [1], 1, null);
        }

        if (MoleculeData.Names.Contains(data.Name))
        {
            return OfMolecules(MoleculeData.Open(data.Name, folder), data, episodes);
        }

        var images = new ImageFolderOptions { Size = data.ImageSize, Channels = data.ImageChannels };
        var texts = new TextOptions { Buckets = data.TextBuckets, NGrams = data.TextNGrams, Words = data.TextWords };
        var classes = ClassData.Open(data.Name, folder, images, texts, data.Fold);
        // Turned characters in the pool would make the turn that is to be told apart unknowable.
        var turned = episodes.TrainTasks is TrainTasks.Rotations ? ClassData.Open(data.Name, folder, images, texts, data.Fold, rotations: false) : classes;
        var (train, outputs) = Training(configuration, turned.Train);
        return new(train, Like(classes.Validation, episodes), Like(classes.Test, episodes), classes.Train.ItemShape, outputs, classes);
    }

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
        var episodes = configuration.Episodes;
        if (episodes.TrainBatch > 0)
        {
            return episodes.TrainTasks.Minibatches(pool, episodes.TrainBatch);
        }

        var (ways, shots, queries) = (Or(episodes.TrainWays, episodes.Ways), Or(episodes.TrainShots, episodes.Shots), Or(episodes.TrainQueries, episodes.Queries));
        return configuration.Learner is not ClassifierBaseline
            ? (episodes.TrainTasks.Episodes(pool, ways, shots, queries, configuration.Training.Seed), ways)
            : throw new ArgumentException(
                "ClassifierBaseline learns all meta-training classes under fixed labels, but the labels of episodes change: set episodes.trainBatch, for example to 128.");
    }

    private static FewShotClassification Like(IClassPool pool, EpisodeSettings episodes) => new(pool, episodes.Ways, episodes.Shots, episodes.Queries);

    private static int Or(int value, int fallback) => value > 0 ? value : fallback;
}

using System.Text;
using Deutero.Cli.Packages;
using Deutero.Edge;
using Deutero.Models;

namespace Deutero.Cli.Runs;

/// <summary>A run's model, ready to adapt to a task of the user's own; the run's data is not needed.</summary>
/// <param name="Configuration">The run's configuration.</param>
/// <param name="Model">The model.</param>
public sealed record TrainedModel(RunConfiguration Configuration, AdaptationModel Model) : IDisposable
{
    private static readonly string[] s_kept = ["intents-", "text:", "table:", "csv:"];

    /// <summary>Opens the model of a run folder or a package.</summary>
    /// <param name="path">The folder or the package.</param>
    /// <exception cref="FileNotFoundException">It is no run folder, or has no model.</exception>
    /// <exception cref="ArgumentException">The run's tasks are not of the kind that is adapted to examples of one's own, or it was a pre-training.</exception>
    /// <exception cref="InvalidDataException">The model or its input contract is damaged or does not belong to the run's configuration, or the package was changed.</exception>
    public static TrainedModel Open(string path) => Of(ModelFiles.Open(path));

    /// <summary>Makes a model of its files.</summary>
    /// <param name="files">The files.</param>
    /// <exception cref="ArgumentException">The run's tasks are not of the kind that is adapted to examples of one's own, or it was a pre-training.</exception>
    /// <exception cref="InvalidDataException">The model, its input contract or its calibration is damaged or does not belong to the run's configuration.</exception>
    public static TrainedModel Of(ModelFiles files)
    {
        var path = files.Source;
        var json = Encoding.UTF8.GetString(files.Contents[ModelFiles.Configuration]);
        var configuration = Run.Schema.Parse<RunConfiguration>(json, ModelFiles.Configuration);
        if (configuration.Episodes.TrainBatch > 0)
        {
            throw new ArgumentException($"{path} holds a pre-trained body: meta-train a learner on it, with startFrom={path}, and adapt that.");
        }

        var weights = files.Contents[ModelFiles.Weights];
        using var stream = new MemoryStream(weights, writable: false);
        var (theta, statistics, trainedWith) = RunFolder.ReadModel(stream, $"{path}/{ModelFiles.Weights}");
        var input = ContractOf(configuration.Data, files, trainedWith);
        var calibration = CalibrationOf(files);

        // A query alone has no statistics of its own worth the name; those that the run collected have, or those of the support set.
        var useEpisode = configuration.Model.BatchNorm is { } policy && (policy != BatchNormPolicy.Running || statistics.Count == 0);
        var adapting = useEpisode ? Run.Schema.Parse<RunConfiguration>(json, ModelFiles.Configuration, "model.batchNorm=episode") : configuration;
        var ways = adapting.Learner.HeadWidth(adapting.Episodes.TrainWays > 0 ? adapting.Episodes.TrainWays : adapting.Episodes.Ways);
        var shaped = adapting.Model.WithShape(input.ItemShape, ways);
        var model = shaped.BatchNorm == BatchNormPolicy.Running && statistics.Count > 0 ? shaped.WithStatistics(statistics) : shaped;
        try
        {
            return new(adapting, new(adapting.Learner, model, theta, input, ways, adapting.Training.Seed) { Calibration = calibration });
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException($"{path}/{ModelFiles.Weights} does not belong to its {ModelFiles.Configuration}: its tensors have other names or shapes.");
        }
    }

    /// <summary>A learner that meta-learns nothing, with the input and the network of a run.</summary>
    /// <param name="path">The run folder.</param>
    /// <param name="learner">The learner's name.</param>
    /// <exception cref="ArgumentException">The learner needs training, or the run's tasks are not of the kind that is adapted to examples of one's own.</exception>
    internal static TrainedModel Untrained(string path, string learner)
    {
        var files = ModelFiles.Open(path);
        var configuration = Run.Schema.Parse<RunConfiguration>(Encoding.UTF8.GetString(files.Contents[ModelFiles.Configuration]), ModelFiles.Configuration, $"learner={learner}");
        var contents = files.Contents.Where(file => file.Key != ModelFiles.Calibration).ToDictionary();
        var json = Run.Schema.ToJson(configuration);
        contents[ModelFiles.Configuration] = Encoding.UTF8.GetBytes(json);
        contents[ModelFiles.Weights] = RunFolder.EmptyModel(json, files.Contents.GetValueOrDefault(ModelFiles.Contract));
        return Of(files with { Contents = contents });
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static ModelCalibration? CalibrationOf(ModelFiles files)
    {
        if (!files.Contents.TryGetValue(ModelFiles.Calibration, out var json))
        {
            return null;
        }

        var name = $"{files.Source}/{ModelFiles.Calibration}";
        var calibration = ModelCalibration.Parse(json, name);
        return calibration.Model == PackageFile.HashOf(files.Contents[ModelFiles.Weights])
            ? calibration
            : throw new InvalidDataException($"{name} belongs to another {ModelFiles.Weights}: run 'deutero calibrate {files.Source}' again, or delete it.");
    }

    // Of images the configuration says everything, so that runs of older versions and packages of theirs are read as ever.
    private static InputContract ContractOf(DataSettings data, ModelFiles files, string? trainedWith) => data.Name switch
    {
        _ when data.Body.Length > 0 => throw new ArgumentException(
            $"{files.Source} takes the features of another run's body (data.body={data.Body}) and has none of its own: adapt a run that was trained on the items themselves, with startFrom in place of data.body."),
        "glyphs" or "omniglot" or "omniglot-random" or "omniglot-lake" or "omniglot-one-shot" => new(new ImageContract(1, 28, InkIsBright: true)),
        "tiny-imagenet32" or "meta-dataset" => new(new ImageContract(3, 32, InkIsBright: false)),
        _ when data.Name.StartsWith("folder:", StringComparison.Ordinal) => new(new ImageContract(data.ImageChannels, data.ImageSize, InkIsBright: false)),
        "synthetic-tables" => Kept(files, trainedWith),
        _ when s_kept.Any(kind => data.Name.StartsWith(kind, StringComparison.Ordinal)) => Kept(files, trainedWith),
        _ => throw new ArgumentException(
            $"A model that classifies images, texts, rows of a table or numbers is expected, but this run was trained on {data.Name}: use the library for functions and molecules."),
    };

    private static InputContract Kept(ModelFiles files, string? trainedWith)
    {
        if (!files.Contents.TryGetValue(ModelFiles.Contract, out var contract))
        {
            throw new InvalidDataException(
                $"{files.Source} lacks {ModelFiles.Contract}, which says what the model takes: 'deutero train -o {files.Source}' with the same settings and data writes it, without training again.");
        }

        return trainedWith is null || trainedWith == PackageFile.HashOf(contract)
            ? InputContract.OfFiles(files.Contents, files.Source)
            : throw new InvalidDataException($"{files.Source}/{ModelFiles.Contract} does not belong to its {ModelFiles.Weights}: it was changed, or is another run's.");
    }
}

using System.Text;
using Deutero.Cli.Packages;
using Deutero.Edge;
using Deutero.Models;

namespace Deutero.Cli.Runs;

/// <summary>A run's model, ready to adapt to a task of the user's own; the run's data is not needed.</summary>
/// <param name="Configuration">The run's configuration.</param>
/// <param name="Images">How the model wants its images.</param>
/// <param name="Model">The model.</param>
public sealed record TrainedModel(RunConfiguration Configuration, ImageContract Images, AdaptationModel Model) : IDisposable
{
    /// <summary>Opens the model of a run folder or a package.</summary>
    /// <param name="path">The folder or the package.</param>
    /// <exception cref="FileNotFoundException">It is no run folder, or has no model.</exception>
    /// <exception cref="ArgumentException">The run's items are no images, or it was a pre-training.</exception>
    /// <exception cref="InvalidDataException">The model does not belong to the run's configuration, or the package was changed.</exception>
    public static TrainedModel Open(string path) => Of(ModelFiles.Open(path));

    /// <summary>Makes a model of its files.</summary>
    /// <param name="files">The files.</param>
    /// <exception cref="ArgumentException">The run's items are no images, or it was a pre-training.</exception>
    /// <exception cref="InvalidDataException">The model or its calibration does not belong to the run's configuration.</exception>
    public static TrainedModel Of(ModelFiles files)
    {
        var path = files.Source;
        var json = Encoding.UTF8.GetString(files.Contents[ModelFiles.Configuration]);
        var configuration = Run.Schema.Parse<RunConfiguration>(json, ModelFiles.Configuration);
        if (configuration.Episodes.TrainBatch > 0)
        {
            throw new ArgumentException($"{path} holds a pre-trained body: meta-train a learner on it, with startFrom={path}, and adapt that.");
        }

        var images = ImagesOf(configuration.Data);
        var weights = files.Contents[ModelFiles.Weights];
        using var stream = new MemoryStream(weights, writable: false);
        var (theta, statistics) = RunFolder.ReadModel(stream, $"{path}/{ModelFiles.Weights}");
        var calibration = CalibrationOf(files);

        // A query alone has no statistics of its own worth the name; those that the run collected have, or those of the support set.
        var useEpisode = HasPolicy(configuration.Model) && (configuration.Model.BatchNorm != BatchNormPolicy.Running || statistics.Count == 0);
        var adapting = useEpisode ? Run.Schema.Parse<RunConfiguration>(json, ModelFiles.Configuration, "model.batchNorm=episode") : configuration;
        var ways = adapting.Learner.HeadWidth(adapting.Episodes.TrainWays > 0 ? adapting.Episodes.TrainWays : adapting.Episodes.Ways);
        var shaped = adapting.Model.WithShape(images.ItemShape, ways);
        var model = shaped.BatchNorm == BatchNormPolicy.Running && statistics.Count > 0 ? shaped.WithStatistics(statistics) : shaped;
        try
        {
            return new(adapting, images, new(adapting.Learner, model, theta, new(images), ways, adapting.Training.Seed) { Calibration = calibration });
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException($"{path}/{ModelFiles.Weights} does not belong to its {ModelFiles.Configuration}: its tensors have other names or shapes.");
        }
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

    private static ImageContract ImagesOf(DataSettings data) => data.Name switch
    {
        "glyphs" or "omniglot" or "omniglot-random" or "omniglot-lake" => new(1, 28, InkIsBright: true),
        "tiny-imagenet32" => new(3, 32, InkIsBright: false),
        _ when data.Name.StartsWith("folder:", StringComparison.Ordinal) => new(data.ImageChannels, data.ImageSize, InkIsBright: false),
        _ => throw new ArgumentException(
            $"A model of images is expected, but this run was trained on {data.Name}, whose items are no images: use the library for tables and functions."),
    };

    private static bool HasPolicy(IModel model) => model.GetType().GetProperty(nameof(IModel.BatchNorm))!.SetMethod is not null;
}

using Deutero.Edge;
using Deutero.Models;

namespace Deutero.Cli.Runs;

/// <summary>A run's model, ready to adapt to a task of the user's own; the run's data is not needed.</summary>
/// <param name="Configuration">The run's configuration.</param>
/// <param name="Images">How the model wants its images.</param>
/// <param name="Model">The model.</param>
public sealed record TrainedModel(RunConfiguration Configuration, ImageContract Images, AdaptationModel Model) : IDisposable
{
    /// <summary>Opens the model of a run folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="FileNotFoundException">It is no run folder, or has no model.</exception>
    /// <exception cref="ArgumentException">The run's items are no images.</exception>
    /// <exception cref="InvalidDataException">The model does not belong to the run's configuration.</exception>
    public static TrainedModel Open(string path)
    {
        var folder = new RunFolder(path);
        if (!File.Exists(folder.ConfigurationFile))
        {
            throw new FileNotFoundException($"{path} is not a run folder: it has no configuration.json.");
        }

        var configuration = Run.Schema.Load<RunConfiguration>(folder.ConfigurationFile);
        var images = ImagesOf(configuration.Data);
        var (theta, statistics) = folder.LoadModel();

        // A query alone has no statistics of its own worth the name; those that the run collected have, or those of the support set.
        var useEpisode = HasPolicy(configuration.Model) && (configuration.Model.BatchNorm != BatchNormPolicy.Running || statistics.Count == 0);
        var adapting = useEpisode ? Run.Schema.Load<RunConfiguration>(folder.ConfigurationFile, "model.batchNorm=episode") : configuration;
        var ways = adapting.Learner.HeadWidth(adapting.Episodes.TrainWays > 0 ? adapting.Episodes.TrainWays : adapting.Episodes.Ways);
        var shaped = adapting.Model.WithShape(images.ItemShape, ways);
        var model = shaped.BatchNorm == BatchNormPolicy.Running && statistics.Count > 0 ? shaped.WithStatistics(statistics) : shaped;
        try
        {
            return new(adapting, images, new(adapting.Learner, model, theta, new(images), ways, adapting.Training.Seed));
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException($"{folder.ModelFile} does not belong to {folder.ConfigurationFile}: its tensors have other names or shapes.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static ImageContract ImagesOf(DataSettings data) => data.Name switch
    {
        "glyphs" or "omniglot" or "omniglot-lake" => new(1, 28, InkIsBright: true),
        "tiny-imagenet32" => new(3, 32, InkIsBright: false),
        _ when data.Name.StartsWith("folder:", StringComparison.Ordinal) => new(data.ImageChannels, data.ImageSize, InkIsBright: false),
        _ => throw new ArgumentException(
            $"A model of images is expected, but this run was trained on {data.Name}, whose items are no images: use the library for tables and functions."),
    };

    private static bool HasPolicy(IModel model) => model.GetType().GetProperty(nameof(IModel.BatchNorm))!.SetMethod is not null;
}

using Deutero.Cli.Inputs;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Cli.Runs;

/// <summary>A run's model, ready to adapt to a task of the user's own; the run's data is not needed.</summary>
public sealed class TrainedModel
{
    private readonly Parameters _theta;
    private readonly IModel _model;
    private readonly bool _hasPolicy;
    private readonly int _head;

    private TrainedModel(RunConfiguration configuration, ImageContract images, Parameters theta, Parameters statistics)
    {
        (Configuration, Images, _theta) = (configuration, images, theta);
        var episodes = configuration.Episodes;
        _head = configuration.Learner.HeadWidth(episodes.TrainWays > 0 ? episodes.TrainWays : episodes.Ways);
        _hasPolicy = HasPolicy(configuration.Model);
        var model = configuration.Model.WithShape(images.ItemShape, _head);
        _model = model.BatchNorm == BatchNormPolicy.Running && statistics.Count > 0 ? model.WithStatistics(statistics) : model;
    }

    /// <summary>The run's configuration.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>How the model wants its images.</summary>
    public ImageContract Images { get; }

    /// <summary>Where BatchNorm takes its statistics from, in words.</summary>
    public string BatchNorm => !_hasPolicy ? "none"
        : _model.BatchNorm == BatchNormPolicy.Running ? "Running: statistics of meta-training"
        : "Episode: each query is normalised with the support set";

    /// <summary>Opens the model of a run folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="FileNotFoundException">It is no run folder, or has no model.</exception>
    /// <exception cref="ArgumentException">The run's items are no images, or it was a pre-training.</exception>
    /// <exception cref="InvalidDataException">The model does not belong to the run's configuration.</exception>
    public static TrainedModel Open(string path)
    {
        var folder = new RunFolder(path);
        if (!File.Exists(folder.ConfigurationFile))
        {
            throw new FileNotFoundException($"{path} is not a run folder: it has no configuration.json.");
        }

        var configuration = Run.Schema.Load<RunConfiguration>(folder.ConfigurationFile);
        if (configuration.Episodes.TrainBatch > 0)
        {
            throw new ArgumentException($"{path} holds a pre-trained body: meta-train a learner on it, with startFrom={path}, and adapt that.");
        }

        var images = ImageContract.Of(configuration.Data);

        var (theta, statistics) = folder.LoadModel();

        // A query alone has no statistics of its own worth the name; those that the run collected have, or those of the support set.
        var useEpisode = HasPolicy(configuration.Model) && (configuration.Model.BatchNorm != BatchNormPolicy.Running || statistics.Count == 0);
        var adapting = useEpisode ? Run.Schema.Load<RunConfiguration>(folder.ConfigurationFile, "model.batchNorm=episode") : configuration;
        var model = new TrainedModel(adapting, images, theta, statistics);
        model.RequireFit(folder);
        return model;
    }

    /// <summary>Refuses a number of classes that the model cannot tell apart.</summary>
    /// <param name="classes">The classes of the support set.</param>
    /// <exception cref="ArgumentException">The model's last layer has another width.</exception>
    public void RequireWays(int classes)
    {
        if (_head > 0 && _head != classes)
        {
            throw new ArgumentException(
                $"This model classifies {_head} ways but the support folder has {classes} classes: {Configuration.Learner.GetType().Name} has a last layer of "
                + "fixed width (a prototypical network takes any number of classes).");
        }
    }

    /// <summary>Adapts to a support set and predicts.</summary>
    /// <param name="support">The support set.</param>
    /// <param name="queries">The queries, <c>[N, channels, size, size]</c>.</param>
    /// <param name="cancellation">Stops between queries.</param>
    /// <returns>The probabilities of the classes for each query.</returns>
    public double[][] Predict(Examples support, Tensor queries, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var random = Generator.Seed(Configuration.Training.Seed);
        var adaptation = Configuration.Learner.Adapt(_model, _theta, support, random);
        var rows = new double[queries.Size(0)][];
        for (var i = 0; i < rows.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            // One at a time, so that a prediction does not depend on what else is asked.
            using var one = new TensorScope();
            rows[i] = adaptation.Predict(queries[i..(i + 1)]).To(DType.Float64).Softmax(-1).ToArray<double>();
        }

        return rows;
    }

    private static bool HasPolicy(IModel model) => model.GetType().GetProperty(nameof(IModel.BatchNorm))!.SetMethod is not null;

    private void RequireFit(RunFolder folder)
    {
        using var scope = new TensorScope();
        using var random = Generator.Seed(0);
        var expected = Configuration.Learner.Init(_model, random);
        var fits = expected.Names.Order(StringComparer.Ordinal).SequenceEqual(_theta.Names.Order(StringComparer.Ordinal))
            && expected.All(item => item.Value.Shape.SequenceEqual(_theta[item.Key].Shape));
        if (!fits)
        {
            throw new InvalidDataException($"{folder.ModelFile} does not belong to {folder.ConfigurationFile}: its tensors have other names or shapes.");
        }
    }
}

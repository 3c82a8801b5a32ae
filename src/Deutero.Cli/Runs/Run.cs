using Deutero.Cli.Configuration;
using Deutero.Evaluation;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Cli.Runs;

/// <summary>A configuration made ready: its data opened, and its model shaped for them.</summary>
public sealed class Run
{
    private Run(RunConfiguration configuration, TaskFamily tasks)
    {
        (Configuration, Tasks) = (configuration, tasks);
        Device = Available(Device.Parse(configuration.Device));
        Model = configuration.Model.WithShape(tasks.ItemShape, configuration.Learner.HeadWidth(tasks.TrainOutputs));
    }

    /// <summary>How configurations are read and written.</summary>
    public static ConfigurationSchema Schema { get; } = new([typeof(IMetaLearner).Assembly, typeof(RunConfiguration).Assembly]);

    /// <summary>The configuration.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>The tasks.</summary>
    public TaskFamily Tasks { get; }

    /// <summary>The model for the data and the learner.</summary>
    public IModel Model { get; }

    /// <summary>Where the run computes.</summary>
    public Device Device { get; }

    /// <summary>The processes that share the work; null where this one is alone.</summary>
    public Ranks? Ranks { get; set; }

    /// <summary>The threads of this process.</summary>
    public int Threads => Configuration.Training.Threads == 0 && Ranks is { } ranks ? ranks.Threads : Configuration.Training.ThreadCount;

    /// <summary>The training of this configuration.</summary>
    public MetaTraining Training => new()
    {
        Learner = Configuration.Learner, Model = Model, Tasks = Tasks.Train, Validation = ValidationFits ? Tasks.Validation : null,
        Settings = Configuration.Training with { Threads = Threads }, Device = Device, Group = Ranks?.Group,
    };

    // A learner with a classifier of fixed width cannot be validated on episodes of another number of ways.
    private bool ValidationFits =>
        Configuration.Learner.HeadWidth(Tasks.TrainOutputs) == Configuration.Learner.HeadWidth(Tasks.Pools is null ? Tasks.TrainOutputs : Configuration.Episodes.Ways);

    /// <summary>Opens a configuration's data.</summary>
    /// <param name="configuration">The configuration.</param>
    public static Run Open(RunConfiguration configuration) => new(configuration, TaskFamily.Open(configuration));

    internal static Device Available(Device device) =>
        device == Device.Cpu || device.Index < TorchInfo.CudaDevices
            ? device
            : throw new ArgumentException(
                $"The device is {device} but this libtorch sees {TorchInfo.CudaDevices} CUDA devices: build against a CUDA libtorch (docs/troubleshooting.md) or use device=cpu.");

    /// <summary>Evaluates on the meta-test classes.</summary>
    /// <param name="theta">The meta-parameters.</param>
    /// <param name="statistics">The running BatchNorm statistics; may be empty.</param>
    /// <param name="progress">Told the number of episodes done.</param>
    /// <param name="cancellation">Stops between episodes.</param>
    public EvaluationResult Evaluate(Parameters theta, Parameters statistics, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        EvaluateOn(new(Tasks.Test, Configuration.Evaluation.Seed, Configuration.Evaluation.Episodes), theta, statistics, progress, cancellation);

    /// <summary>Evaluates on given episodes.</summary>
    internal EvaluationResult EvaluateOn(FrozenEpisodes episodes, Parameters theta, Parameters statistics, IProgress<int>? progress, CancellationToken cancellation)
    {
        var evaluator = new Evaluator
        {
            Threads = Device == Device.Cpu ? Threads : 1, QueriesTogether = Configuration.Evaluation.QueriesTogether, Group = Ranks?.Group,
        };
        return evaluator.Run(Configuration.Learner, Training.ForEvaluation(statistics), theta, episodes, progress, cancellation);
    }
}

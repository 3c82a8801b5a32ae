using System.Globalization;
using Deutero.Torch;
using Deutero.Torch.Distributed;
using Deutero.Torch.Serialization;

namespace Deutero.Training;

/// <summary>Everything that meta-training continues from: what a checkpoint holds.</summary>
/// <param name="Iteration">Outer updates done.</param>
/// <param name="Theta">The meta-parameters.</param>
/// <param name="Optimiser">The outer optimiser's state.</param>
/// <param name="Statistics">Running BatchNorm statistics; empty where none are kept.</param>
/// <param name="Best">The meta-parameters of the best validation; those of the last iteration before the first validation.</param>
/// <param name="BestStatistics">The running statistics that belong to <paramref name="Best"/>.</param>
/// <param name="BestScore">The best validation's score; NaN before the first.</param>
/// <param name="BestIteration">When it was reached.</param>
/// <param name="Waited">Validations since then.</param>
/// <param name="Generator">The state of the run's generator, from which every episode is derived by iteration and place.</param>
public sealed record TrainingState(
    int Iteration, Parameters Theta, Parameters Optimiser, Parameters Statistics, Parameters Best, Parameters BestStatistics, double BestScore, int BestIteration,
    int Waited, byte[] Generator) : ITensors<TrainingState>
{
    private const string Format = "deutero-checkpoint-1";

    /// <summary>What each process of a run carries from one compressed sum to the next: a leaf's first axis is the rank, in a checkpoint; mostly empty.</summary>
    public Parameters Residual { get; init; } = Parameters.Empty;

    /// <summary>The model that training yields: the best validated one, or the last where nothing was validated.</summary>
    public (Parameters Theta, Parameters Statistics) Chosen => double.IsNaN(BestScore) ? (Theta, Statistics) : (Best, BestStatistics);

    /// <summary>The execution mode that the training began with, in which it goes on; Auto before it was chosen.</summary>
    public Execution Execution { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Leaves => [.. Theta.Leaves, .. Optimiser.Leaves, .. Statistics.Leaves, .. Best.Leaves, .. BestStatistics.Leaves, .. Residual.Leaves];

    /// <inheritdoc/>
    public TrainingState WithLeaves(IReadOnlyList<Tensor> leaves)
    {
        var offset = 0;
        Parameters Next(Parameters tree)
        {
            var taken = tree.WithLeaves([.. leaves.Skip(offset).Take(tree.Count)]);
            offset += tree.Count;
            return taken;
        }

        return this with
        {
            Theta = Next(Theta),
            Optimiser = Next(Optimiser),
            Statistics = Next(Statistics),
            Best = Next(Best),
            BestStatistics = Next(BestStatistics),
            Residual = Next(Residual),
        };
    }

    /// <summary>Writes the state as one safetensors file, atomically: a reader sees the old file or the new one, never half of one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="configuration">A text that identifies the configuration, checked when the file is read.</param>
    public void Save(string path, string configuration) => SafetensorsParameters.Save(path, Tensors(), Metadata(configuration));

    /// <summary>Reads a state.</summary>
    /// <param name="path">The file.</param>
    /// <param name="configuration">What <see cref="Save"/> was given.</param>
    /// <exception cref="InvalidDataException">The file is no checkpoint, or belongs to another configuration.</exception>
    public static TrainingState Load(string path, string configuration)
    {
        var (tensors, metadata) = SafetensorsParameters.Load(path);
        if (metadata.GetValueOrDefault("format") != Format)
        {
            throw new InvalidDataException($"{path} is not a Deutero checkpoint: its format is '{metadata.GetValueOrDefault("format", "missing")}', expected '{Format}'.");
        }

        if (metadata["configuration"] != configuration)
        {
            throw new InvalidDataException($"{path} was written by a run with another configuration; resume with that configuration or choose another output folder.");
        }

        return Read(tensors, metadata);
    }

    /// <summary>The first rank's state, in all ranks.</summary>
    internal static TrainingState Broadcast(ProcessGroup group, TrainingState state)
    {
        var buffer = new MemoryStream();
        if (group.Rank == 0)
        {
            SafetensorsParameters.Save(buffer, state.Tensors(), state.Metadata(""));
        }

        var bytes = group.Broadcast(buffer.ToArray());
        if (group.Rank == 0)
        {
            return state;
        }

        var (tensors, metadata) = SafetensorsParameters.Load(new MemoryStream(bytes));
        return Read(tensors, metadata);
    }

    private static TrainingState Read(Parameters tensors, IReadOnlyDictionary<string, string> metadata) => new(
        int.Parse(metadata["iteration"], CultureInfo.InvariantCulture), tensors.Under("theta"), tensors.Under("optimiser"), tensors.Under("statistics"),
        tensors.Under("best"), tensors.Under("best-statistics"), double.Parse(metadata["best-score"], CultureInfo.InvariantCulture),
        int.Parse(metadata["best-iteration"], CultureInfo.InvariantCulture), int.Parse(metadata["waited"], CultureInfo.InvariantCulture),
        Convert.FromHexString(metadata["generator"]))
    {
        Residual = tensors.Under("compression"),
        Execution = Enum.Parse<Execution>(metadata.GetValueOrDefault("execution", nameof(Execution.Auto))),
    };

    private Parameters Tensors() => Theta.Prefixed("theta").With(Optimiser.Prefixed("optimiser")).With(Statistics.Prefixed("statistics"))
        .With(Best.Prefixed("best")).With(BestStatistics.Prefixed("best-statistics")).With(Residual.Prefixed("compression"));

    private Dictionary<string, string> Metadata(string configuration) => new()
    {
        ["format"] = Format,
        ["configuration"] = configuration,
        ["iteration"] = Iteration.ToString(CultureInfo.InvariantCulture),
        ["best-score"] = BestScore.ToString("R", CultureInfo.InvariantCulture),
        ["best-iteration"] = BestIteration.ToString(CultureInfo.InvariantCulture),
        ["waited"] = Waited.ToString(CultureInfo.InvariantCulture),
        ["execution"] = Execution.ToString(),
        ["generator"] = Convert.ToHexString(Generator),
    };
}

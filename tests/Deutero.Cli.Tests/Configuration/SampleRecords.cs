using System.Text.Json.Serialization;

namespace Deutero.Cli.Tests.Configuration;

public interface ISampleLearner;

public interface ISampleModel;

/// <summary>Learns an initialisation. A second sentence that help leaves out.</summary>
public sealed record SampleMaml : ISampleLearner
{
    /// <summary>Step size of the inner loop; see <see cref="Steps"/>.</summary>
    public double InnerRate
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(InnerRate), value, "InnerRate must be greater than 0.");
    } = 0.4;

    /// <summary>Inner steps.</summary>
    public int Steps
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Steps));
            field = value;
        }
    } = 1;

    public bool FirstOrder { get; init; }

    public Func<double, double> Loss { get; init; } = x => x * x;
}

public sealed record SampleProtoNet : ISampleLearner
{
    public SampleDistance Distance { get; init; } = SampleDistance.SquaredEuclidean;
}

/// <summary>Wraps another learner.</summary>
public sealed record SampleEnsembleOfLearners : ISampleLearner
{
    public IReadOnlyList<ISampleLearner> Members { get; init; } = [];
}

public sealed record SampleResNet12 : ISampleModel
{
    public IReadOnlyList<int> Channels
    {
        get;
        init => field = value.All(c => c > 0) ? value : throw new ArgumentException("every channel count must be positive", nameof(Channels));
    } = [64, 160, 320, 640];

    public double? DropRate { get; init; }
}

public sealed record SampleConv4 : ISampleModel
{
    public int Channels { get; init; } = 64;
}

public enum SampleDistance
{
    SquaredEuclidean,
    Cosine,
}

public sealed record SampleTraining
{
    /// <summary>Outer steps.</summary>
    public long Iterations { get; init; } = 60_000;

    public int MetaBatch { get; init; } = 32;

    public SampleSchedule Schedule { get; init; } = new();
}

public sealed record SampleSchedule
{
    public float WarmUp { get; init; } = 0.1f;

    public double Floor { get; init; } = double.NegativeInfinity;
}

public sealed record SampleRun
{
    public string Name { get; init; } = "run";

    public ulong Seed { get; init; } = 1;

    public ISampleLearner Learner { get; init; } = new SampleMaml { Steps = 5 };

    public ISampleModel? Model { get; init; }

    public SampleTraining Training { get; init; } = new() { MetaBatch = 4 };

    public SampleDistance? Judge { get; init; }

    public string? Note { get; init; }

    public IReadOnlyList<double?> Rates { get; init; } = [0.1, null];

    public IReadOnlyList<SampleDistance> Distances { get; init; } = [];

    [JsonIgnore]
    public int NotAKey { get; init; }

    public string AlsoNotAKey => Name;
}

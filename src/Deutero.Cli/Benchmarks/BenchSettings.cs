using Deutero.Models;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Cli.Benchmarks;

/// <summary>How a workload is run.</summary>
internal sealed record BenchSettings
{
    /// <summary>How tasks are executed; Auto chooses by measurement, as a training does.</summary>
    internal Execution Execution { get; init; }

    /// <summary>Threads: intra-op for Loop and Vectorised, .NET threads for Parallel.</summary>
    internal int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Timed repetitions, of which the median counts.</summary>
    internal int Repetitions { get; init; } = 5;

    /// <summary>The arithmetic of convolutions.</summary>
    internal Precision Precision { get; init; }

    /// <summary>Where the workload computes.</summary>
    internal Device Device { get; init; } = Device.Cpu;
}

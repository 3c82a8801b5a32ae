using Deutero.Training;

namespace Deutero.Cli.Runs;

/// <summary>What a workload took: medians of the repetitions.</summary>
/// <param name="Workload">Its name.</param>
/// <param name="Execution">How its tasks were executed.</param>
/// <param name="Threads">The threads at hand.</param>
/// <param name="WallSecondsPerTask">Elapsed time per task.</param>
/// <param name="CpuSecondsPerTask">Processor time of all threads per task.</param>
/// <param name="PeakMemoryBytes">The largest resident memory of the process while the workload ran.</param>
public sealed record BenchResult(
    string Workload, Execution Execution, int Threads, double WallSecondsPerTask, double CpuSecondsPerTask, long PeakMemoryBytes)
{
    /// <summary>Tasks per second of elapsed time.</summary>
    public double TasksPerSecond => 1 / WallSecondsPerTask;
}

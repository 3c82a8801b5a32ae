using System.Text.Json;

namespace Deutero.Cli.Benchmarks;

/// <summary>What a workload took: medians of the repetitions. A peer prints the same names.</summary>
/// <param name="Workload">Its name.</param>
/// <param name="Execution">How its tasks were executed.</param>
/// <param name="Threads">The threads at hand.</param>
/// <param name="Precision">The element type of the computation.</param>
/// <param name="Libtorch">The version of libtorch.</param>
/// <param name="WallSecondsPerTask">Elapsed time per task.</param>
/// <param name="CpuSecondsPerTask">Processor time of all threads per task.</param>
/// <param name="PeakMemoryBytes">The largest resident memory of the process from its start to its end.</param>
internal sealed record BenchResult(
    string Workload, string Execution, int Threads, string Precision, string Libtorch, double WallSecondsPerTask, double CpuSecondsPerTask, long PeakMemoryBytes)
{
    /// <summary>One line of JSON, with the names in camel case.</summary>
    internal static JsonSerializerOptions Format { get; } = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true };

    /// <summary>Tasks per second of elapsed time.</summary>
    public double TasksPerSecond => 1 / WallSecondsPerTask;

    /// <summary>The medians of several results of the same workload.</summary>
    /// <param name="results">At least one result.</param>
    internal static BenchResult Median(IReadOnlyList<BenchResult> results) => results[0] with
    {
        WallSecondsPerTask = Median(results.Select(result => result.WallSecondsPerTask)),
        CpuSecondsPerTask = Median(results.Select(result => result.CpuSecondsPerTask)),
        PeakMemoryBytes = (long)Median(results.Select(result => (double)result.PeakMemoryBytes)),
    };

    /// <summary>The median of numbers.</summary>
    /// <param name="numbers">At least one number.</param>
    internal static double Median(IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

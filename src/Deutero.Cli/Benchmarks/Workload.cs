using System.Diagnostics;
using Deutero.Cli.Runs;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Cli.Benchmarks;

/// <summary>A benchmark with fixed shapes, so that anyone's figures can be compared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Tasks">What it counts, and how many of them one call computes: tasks; images of <c>embed</c>; calls of <c>call</c>.</param>
internal abstract record Workload(string Name, int Tasks)
{
    private const double WarmUpSeconds = 0.5;
    private const double LeastSeconds = 0.2; // short workloads are repeated this long, so that a timer tick does not matter

    private static readonly long[] s_small = [1, 28, 28];
    private static readonly long[] s_large = [3, 84, 84];
    private static readonly Conv4 s_conv32 = new() { Filters = 32 };

    /// <summary>All workloads.</summary>
    internal static IReadOnlyList<Workload> All { get; } =
    [
        new MetaBatchWorkload("maml-so1", new Maml { InnerRate = 0.1 }, new Conv4(), s_small, 5, 1, 15, 8),
        new MetaBatchWorkload("maml-so5", new Maml { InnerRate = 0.1, Steps = 5 }, new Conv4(), s_small, 5, 1, 15, 8),
        new MetaBatchWorkload("maml-fo1", new Maml { InnerRate = 0.1, Unrolling = new Unrolling.FirstOrder() }, new Conv4(), s_small, 5, 1, 15, 8),
        new MetaBatchWorkload("maml-fo5", new Maml { InnerRate = 0.1, Steps = 5, Unrolling = new Unrolling.FirstOrder() }, new Conv4(), s_small, 5, 1, 15, 8),
        new MetaBatchWorkload("anil5", new Anil { InnerRate = 0.1, Steps = 5 }, new Conv4(), s_small, 5, 1, 15, 8),
        new MetaBatchWorkload("proto60", new ProtoNet(), new Conv4(), s_small, 60, 1, 5, 1),
        new MetaBatchWorkload("sine-so1", new Maml { InnerRate = 0.01 }, new Mlp(), [1], 0, 10, 10, 25),
        new MetaBatchWorkload("sine-so5", new Maml { InnerRate = 0.01, Steps = 5 }, new Mlp(), [1], 0, 10, 10, 25),
        new MetaBatchWorkload("mini-so1", new Maml { InnerRate = 0.01 }, s_conv32, s_large, 5, 1, 15, 4),
        new MetaBatchWorkload("mini-so5", new Maml { InnerRate = 0.01, Steps = 5 }, s_conv32, s_large, 5, 1, 15, 4),
        new EmbedWorkload("embed", new Conv4(), s_small, 360),
        new CallWorkload("call", Size: 10, Calls: 1000),
    ];

    /// <summary>The workload of a name.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is none; the message lists those that exist.</exception>
    internal static Workload Find(string name) =>
        All.FirstOrDefault(workload => workload.Name == name)
        ?? throw new ArgumentException($"There is no workload '{name}'; there are {string.Join(", ", All.Select(workload => workload.Name))}.");

    /// <summary>Runs the workload to warm up, then several times.</summary>
    /// <param name="settings">How to run it.</param>
    internal BenchResult Measure(BenchSettings settings)
    {
        using var scope = new TensorScope();
        Threads.SetForThisThread(settings.Threads);
        var (execution, precision, once) = Prepare(settings);
        var warm = Stopwatch.StartNew();
        do
        {
            once();
        }
        while (warm.Elapsed.TotalSeconds < WarmUpSeconds);

        var timed = Enumerable.Range(0, settings.Repetitions).Select(_ => Time(once)).ToArray();
        return new(
            Name, execution.ToString(), settings.Threads, precision == Precision.BFloat16 ? "bf16" : "float32", TorchInfo.Version, BenchResult.Median(timed.Select(time => time.Wall)),
            BenchResult.Median(timed.Select(time => time.Cpu)), PeakMemory.Bytes);
    }

    /// <summary>Makes the data.</summary>
    /// <param name="settings">How the workload is run.</param>
    protected abstract Prepared Prepare(BenchSettings settings);

    // Seconds per task.
    private (double Wall, double Cpu) Time(Action once)
    {
        TorchInfo.Synchronize();
        var (cpu, watch, calls) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew(), 0);
        do
        {
            once();
            calls++;
        }
        while (watch.Elapsed.TotalSeconds < LeastSeconds);

        TorchInfo.Synchronize();
        return (watch.Elapsed.TotalSeconds / (calls * Tasks), (Environment.CpuUsage.TotalTime - cpu).TotalSeconds / (calls * Tasks));
    }
}

using System.Diagnostics;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Cli.Runs;

/// <summary>A benchmark with fixed shapes, so that anyone's figures can be compared: the meta-gradient of one meta-batch of random tasks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Learner">The algorithm.</param>
/// <param name="Model">The architecture.</param>
/// <param name="ItemShape">The shape of one input.</param>
/// <param name="Ways">Classes of an episode; 0 for regression.</param>
/// <param name="Shots">Support examples per class.</param>
/// <param name="Queries">Query examples per class.</param>
/// <param name="Tasks">Episodes in the meta-batch.</param>
public sealed record Workload(
    string Name, IMetaLearner Learner, IModel Model, IReadOnlyList<long> ItemShape, int Ways, int Shots, int Queries, int Tasks)
{
    private static readonly long[] s_image = [1, 28, 28];

    /// <summary>All workloads.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("maml-so1", new Maml { InnerRate = 0.4 }, new Conv4(), s_image, 5, 1, 15, 8),
        new("maml-so5", new Maml { InnerRate = 0.1, Steps = 5 }, new Conv4(), s_image, 5, 1, 15, 8),
        new("maml-fo1", new Maml { InnerRate = 0.4, Unrolling = new Unrolling.FirstOrder() }, new Conv4(), s_image, 5, 1, 15, 8),
        new("maml-fo5", new Maml { InnerRate = 0.1, Steps = 5, Unrolling = new Unrolling.FirstOrder() }, new Conv4(), s_image, 5, 1, 15, 8),
        new("proto60", new ProtoNet(), new Conv4(), s_image, 60, 1, 5, 1),
        new("sine-so1", new Maml { InnerRate = 0.01 }, new Mlp(), [1], 0, 10, 10, 25),
        new("sine-so5", new Maml { InnerRate = 0.01, Steps = 5 }, new Mlp(), [1], 0, 10, 10, 25),
    ];

    /// <summary>The workload of a name.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is none; the message lists those that exist.</exception>
    public static Workload Find(string name) =>
        All.FirstOrDefault(workload => workload.Name == name)
        ?? throw new ArgumentException($"There is no workload '{name}'; there are {string.Join(", ", All.Select(workload => workload.Name))}.");

    /// <summary>Runs the workload once to warm up, then several times.</summary>
    /// <param name="execution">How to execute the tasks.</param>
    /// <param name="threads">Threads: intra-op for Loop and Vectorised, .NET threads for Parallel.</param>
    /// <param name="repetitions">Timed runs, at least 1.</param>
    public BenchResult Measure(Execution execution, int threads, int repetitions)
    {
        using var scope = new TensorScope();
        using var random = Generator.Seed(1);
        var model = Model.WithShape(ItemShape, Learner.HeadWidth(Math.Max(1, Ways)));
        var theta = Learner.Init(model, random);
        var episodes = Enumerable.Range(0, Tasks).Select(_ => Draw(random)).ToArray();
        Threads.SetForThisThread(threads);
        Once(model, theta, episodes, random, execution, threads);
        PeakMemory.Reset();
        var (wall, cpu) = (new List<double>(), new List<double>());
        for (var i = 0; i < repetitions; i++)
        {
            var (before, watch) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
            var calls = 0;
            do
            {
                Once(model, theta, episodes, random, execution, threads);
                calls++;
            }
            while (watch.Elapsed.TotalSeconds < 0.2); // short workloads are repeated, so that a timer tick does not matter
            wall.Add(watch.Elapsed.TotalSeconds / (calls * Tasks));
            cpu.Add((Environment.CpuUsage.TotalTime - before).TotalSeconds / (calls * Tasks));
        }

        return new(Name, execution, threads, Median(wall), Median(cpu), PeakMemory.Bytes);
    }

    private void Once(IModel model, Parameters theta, Episode[] episodes, Generator random, Execution execution, int threads)
    {
        using var scope = new TensorScope();
        MetaBatch.Mean(Learner, model, theta, episodes, random, execution, threads);
    }

    private Episode Draw(Generator random)
    {
        if (Ways == 0)
        {
            return new Sinusoid { Shots = Shots, Queries = Queries }.Sample(random);
        }

        Examples Some(int perClass) => new(
            random.Uniform([Ways * perClass, .. ItemShape]),
            Tensor.From([.. Enumerable.Range(0, Ways * perClass).Select(i => (long)(i / perClass))]),
            Ways);
        return new(Some(Shots), Some(Queries), "random");
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}

using System.Diagnostics;
using Deutero.Cli.Runs;
using Deutero.Edge;
using Deutero.Torch;

namespace Deutero.Cli.Benchmarks;

/// <summary>Measures adapting and predicting inside a program, on one thread, without the web.</summary>
/// <param name="Model">A run folder or a package.</param>
/// <param name="Ways">Classes of the support set; a model of fixed width gets its own number.</param>
/// <param name="Shots">Examples of each class.</param>
internal sealed record EdgeBench(string Model, int Ways = 5, int Shots = 5)
{
    private const int Adaptations = 300;
    private const int Predictions = 2000;

    /// <summary>The latencies of adapting to a support set, and of predicting one item.</summary>
    internal (Latencies Adapt, Latencies Predict) Measure(CancellationToken cancellation)
    {
        Threads.SetForThisThread(1);
        using var model = TrainedModel.Open(Model).Model;
        using var random = Generator.Seed(1); // what the items show does not matter to how long it takes
        float[] Item()
        {
            using var values = random.Uniform([model.Input.ItemSize], 0, 1);
            return values.ToArray<float>();
        }

        var ways = model.Ways > 0 ? model.Ways : Ways;
        SupportClass[] support = [.. Enumerable.Range(1, ways).Select(way => new SupportClass($"class{way}", [.. Enumerable.Range(0, Shots).Select(_ => Item())]))];
        var query = Item();
        using var adapted = model.Adapt(support);
        return (Times(Adaptations, () => model.Adapt(support).Dispose(), cancellation), Times(Predictions, () => adapted.Predict(query), cancellation));
    }

    // After a tenth as many that do not count.
    private static Latencies Times(int count, Action work, CancellationToken cancellation) => Latencies.Of(Enumerable.Range(0, count + (count / 10)).Select(_ =>
    {
        cancellation.ThrowIfCancellationRequested();
        var began = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }).Skip(count / 10));
}

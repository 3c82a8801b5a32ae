using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Cli.Benchmarks;

/// <summary>Calls of an operator on so little data that their overhead is what counts: products of small square matrices.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Rows and columns of the matrices.</param>
/// <param name="Calls">The calls that are timed together, with the freeing of their results.</param>
internal sealed record CallWorkload(string Name, int Size, int Calls) : Workload(Name, Calls)
{
    /// <inheritdoc/>
    protected override Prepared Prepare(BenchSettings settings)
    {
        using var random = Generator.Seed(1);
        var left = random.Normal([Size, Size]).To(settings.Device);
        var right = random.Normal([Size, Size]).To(settings.Device);
        return new(Execution.Loop, Models.Precision.Float32, Once);

        void Once()
        {
            using var scope = new TensorScope();
            for (var i = 0; i < Calls; i++)
            {
                left.Mm(right);
            }
        }
    }
}

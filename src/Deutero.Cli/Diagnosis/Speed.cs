using System.Diagnostics;
using Deutero.Torch;

namespace Deutero.Cli.Diagnosis;

/// <summary>Two quick measurements: the operations that few-shot learning spends its time in.</summary>
internal static class Speed
{
    private const int Side = 1024;
    private const double SlowProduct = 4;

    internal static IReadOnlyList<Finding> Measure()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var random = Generator.Seed(1);
        var square = random.Normal([Side, Side]);
        var product = Rate(2.0 * Side * Side * Side, () => square.Matmul(square));
        var images = random.Normal([32, 64, 14, 14]);
        var kernel = random.Normal([64, 64, 3, 3]);
        var convolution = Rate(2.0 * 32 * 64 * 14 * 14 * 64 * 9, () => Tensor.Conv2d(images, kernel, null, [1, 1], [1, 1]));
        var found = $"{product:F0} GFLOP/s on {Side}x{Side}";
        return
        [
            product >= SlowProduct
                ? Finding.Ok("matrix product", found)
                : new("matrix product", FindingState.Warning, found, "apt-get install libopenblas0-openmp, unless the machine is busy with something else"),
            Finding.Ok("convolution", $"{convolution:F0} GFLOP/s on 32 images of 64x14x14"),
        ];
    }

    // The best of a few: the first call loads code and starts threads, and others share the machine.
    private static double Rate(double operations, Func<Tensor> work)
    {
        var best = double.MaxValue;
        var all = Stopwatch.StartNew();
        for (var i = 0; i < 6 && (i < 2 || all.Elapsed.TotalSeconds < 3); i++)
        {
            using var scope = new TensorScope();
            var clock = Stopwatch.StartNew();
            work();
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }

        return operations / best / 1e9;
    }
}

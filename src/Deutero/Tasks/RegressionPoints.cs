using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Draws the examples of a one-dimensional regression task.</summary>
internal static class RegressionPoints
{
    // Inputs uniform within ± range; targets by the task's function plus normal noise.
    internal static Examples Draw(Generator random, int count, double range, Func<double, double> function, double noise = 0)
    {
        var inputs = new float[count];
        var targets = new float[count];
        for (var i = 0; i < count; i++)
        {
            var x = range * ((2 * random.NextDouble()) - 1);
            (inputs[i], targets[i]) = ((float)x, (float)(function(x) + (noise > 0 ? noise * Normal(random) : 0)));
        }

        return new(Tensor.Share(inputs, count, 1), Tensor.Share(targets, count, 1), Ways: 0);
    }

    // Box and Muller (Annals of Mathematical Statistics, 1958).
    internal static double Normal(Generator random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

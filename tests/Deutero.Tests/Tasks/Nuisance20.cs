using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

/// <summary>Classes that differ in 4 of 20 coordinates, beneath noise ten times as large as their scatter: raw distances say almost nothing.</summary>
internal sealed record Nuisance20(int Ways, int Shots, int Queries) : ITaskDistribution
{
    private const int Informative = 4;
    private const int Features = 20;

    public string Name => $"nuisance-20 {Ways}-way {Shots}-shot {Queries}-query";

    public Episode Sample(Generator random)
    {
        var means = Enumerable.Range(0, Ways * Informative).Select(_ => Gauss(random)).ToArray();
        return new(Draw(random, means, Shots), Draw(random, means, Queries), string.Join(' ', means));
    }

    private Examples Draw(Generator random, double[] means, int each)
    {
        var values = new float[Ways * each * Features];
        for (var i = 0; i < values.Length; i++)
        {
            var (way, feature) = (i / Features / each, i % Features);
            values[i] = (float)(feature < Informative ? means[(way * Informative) + feature] + (0.3 * Gauss(random)) : 3 * Gauss(random));
        }

        var labels = Enumerable.Range(0, Ways * each).Select(i => (long)(i / each)).ToArray();
        return new(Tensor.From(values, labels.Length, Features), Tensor.From(labels), Ways);
    }

    // Box and Muller, 1958.
    internal static double Gauss(Generator random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

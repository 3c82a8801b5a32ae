using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

/// <summary>
/// New class means in eight dimensions for every episode, with noise of 0.7: five ways, where the nearest class mean gets 0.817 with one shot and 0.937 with
/// five, and the best that is possible is 0.837 and 0.938.
/// </summary>
internal sealed record Gauss8(int Shots, int Queries = 5, int Ways = 5, double Noise = 0.7) : ITaskDistribution
{
    private const int Features = 8;

    public string Name => $"Gauss-8 {Ways}-way {Shots}-shot {Queries}-query";

    public Episode Sample(Generator random)
    {
        var means = random.Normal([Ways, 1, Features]);
        Examples Draw(int each) => new(
            (means + random.Normal([Ways, each, Features], Noise)).Reshape([-1, Features]), Tensor.From(Enumerable.Range(0, Ways * each).Select(i => (long)(i / each)).ToArray()), Ways);
        return new(Draw(Shots), Draw(Queries), $"{random.NextUInt64()}");
    }
}

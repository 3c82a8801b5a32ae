using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

/// <summary>Classes as those of <see cref="Nuisance20"/> that are also described, each by eight numbers: a fixed linear map of its informative coordinates, with little noise.</summary>
internal sealed record DescribedNuisance(int Ways, int Shots, int Queries) : ITaskDistribution
{
    internal const int Attributes = 8;

    private const int Informative = 4;
    private const int Features = 20;

    /// <summary>The scatter of items about their class in the informative coordinates.</summary>
    public double Scatter { get; init; } = 0.3;

    /// <summary>Whether descriptions belong to other classes of the episode, by lot.</summary>
    public bool Shuffled { get; init; }

    public string Name => $"described nuisance-20 {Ways}-way {Shots}-shot {Queries}-query";

    public Episode Sample(Generator random)
    {
        var centres = random.Normal([Ways, Informative]);
        using var fixedMap = Generator.Seed(4);
        var described = centres.Matmul(fixedMap.Normal([Informative, Attributes])) + random.Normal([Ways, Attributes], 0.1);
        if (Shuffled)
        {
            described = described.IndexSelect(0, Tensor.From(Array.ConvertAll(random.Choose(Ways, Ways), place => (long)place)));
        }

        return new(Draw(random, centres, Shots) with { Attributes = described }, Draw(random, centres, Queries), $"{random.NextUInt64()}");
    }

    private Examples Draw(Generator random, Tensor centres, int each)
    {
        var labels = Tensor.From([.. Enumerable.Range(0, Ways * each).Select(i => (long)(i / each))]);
        var informative = centres.IndexSelect(0, labels) + random.Normal([Ways * each, Informative], Scatter);
        return new(Tensor.Cat([informative, random.Normal([Ways * each, Features - Informative], 3)], 1), labels, Ways);
    }
}

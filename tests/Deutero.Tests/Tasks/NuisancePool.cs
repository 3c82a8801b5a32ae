using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

/// <summary>Classes as those of <see cref="Nuisance20"/>, with centres that stay.</summary>
internal sealed class NuisancePool(int classes, int items) : IClassPool
{
    public string Name => "nuisance-20/base";

    public IReadOnlyList<long> ItemShape => [20];

    public int ClassCount => classes;

    public int ItemCount(int classIndex) => items;

    public string ClassName(int classIndex) => $"base{classIndex}";

    public void Write(int classIndex, int item, Span<float> destination)
    {
        using var centre = Generator.Seed(7).Derive(classIndex);
        using var noise = Generator.Seed(7).Derive(classIndex, item);
        for (var feature = 0; feature < destination.Length; feature++)
        {
            destination[feature] = (float)(feature < 4 ? Nuisance20.Gauss(centre) + (0.3 * Nuisance20.Gauss(noise)) : 3 * Nuisance20.Gauss(noise));
        }
    }
}

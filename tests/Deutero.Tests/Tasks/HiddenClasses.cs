using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

/// <summary>Classes that differ in 8 of 32 coordinates, beneath noise that is nearly as large in the others: items of a class lie near each other, but not as near as they could.</summary>
internal sealed class HiddenClasses(int classes, int items, ulong seed) : IClassPool
{
    private const int Informative = 8;

    public string Name => "hidden classes";

    public IReadOnlyList<long> ItemShape => [32];

    public int ClassCount => classes;

    public int ItemCount(int classIndex) => items;

    public string ClassName(int classIndex) => $"hidden{seed}/{classIndex}";

    public void Write(int classIndex, int item, Span<float> destination)
    {
        using var centre = Generator.Seed(seed).Derive(classIndex);
        using var noise = Generator.Seed(seed).Derive(classIndex, item);
        for (var feature = 0; feature < destination.Length; feature++)
        {
            destination[feature] = (float)(feature < Informative ? Nuisance20.Gauss(centre) + (0.4 * Nuisance20.Gauss(noise)) : 0.7 * Nuisance20.Gauss(noise));
        }
    }
}

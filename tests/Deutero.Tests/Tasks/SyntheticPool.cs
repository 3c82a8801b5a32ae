using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

/// <summary>Classes of noisy copies of a random pattern, one pattern per class, of any item shape.</summary>
internal sealed class SyntheticPool(int classes, int items, params long[] itemShape) : IClassPool
{
    public string Name { get; init; } = "synthetic";

    public string Prefix { get; init; } = "class";

    public IReadOnlyList<long> ItemShape => itemShape;

    public int ClassCount => classes;

    public int ItemCount(int classIndex) => items;

    public string ClassName(int classIndex) => $"{Prefix}{classIndex}";

    /// <summary>How many attributes each class has, all of which are its index.</summary>
    public int AttributeCount { get; init; }

    public IReadOnlyList<float> Attributes(int classIndex) => [.. Enumerable.Repeat((float)classIndex, AttributeCount)];

    public void Write(int classIndex, int item, Span<float> destination)
    {
        using var pattern = Generator.Seed(99).Derive(classIndex);
        using var noise = Generator.Seed(99).Derive(classIndex, item);
        foreach (ref var value in destination)
        {
            value = (float)((0.7 * pattern.NextDouble()) + (0.3 * noise.NextDouble()));
        }
    }
}

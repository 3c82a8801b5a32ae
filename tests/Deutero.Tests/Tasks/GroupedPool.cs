using Deutero.Tasks;

namespace Deutero.Tests.Tasks;

/// <summary>Classes of any sizes in groups of any sizes; an item is its class and its number.</summary>
/// <param name="groups">For each group, the number of items of each of its classes.</param>
internal sealed class GroupedPool(params int[][] groups) : IClassPool
{
    private readonly (int Group, int Items)[] _classes = [.. groups.SelectMany((sizes, group) => sizes.Select(items => (group, items)))];

    public string Name => "grouped";

    public IReadOnlyList<long> ItemShape => [2];

    public int ClassCount => _classes.Length;

    public int ItemCount(int classIndex) => _classes[classIndex].Items;

    public string ClassName(int classIndex) => $"{classIndex}";

    public string Group(int classIndex) => groups.Length == 1 ? "" : $"group{_classes[classIndex].Group}";

    public void Write(int classIndex, int item, Span<float> destination) => (destination[0], destination[1]) = (classIndex, item);
}

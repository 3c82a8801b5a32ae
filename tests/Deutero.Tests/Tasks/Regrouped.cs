using Deutero.Tasks;

namespace Deutero.Tests.Tasks;

/// <summary>The items of another pool, in their order, under other classes: each of so many items as it says.</summary>
internal sealed class Regrouped(IClassPool pool, params int[] classes) : IClassPool
{
    public string Name => pool.Name;

    public IReadOnlyList<long> ItemShape => pool.ItemShape;

    public int ClassCount => classes.Length;

    public int ItemCount(int classIndex) => classes[classIndex];

    public string ClassName(int classIndex) => $"poison{classIndex}";

    public void Write(int classIndex, int item, Span<float> destination)
    {
        var place = classes[..classIndex].Sum() + item;
        pool.Write(place / pool.ItemCount(0), place % pool.ItemCount(0), destination);
    }
}

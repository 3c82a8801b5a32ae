using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>A class pool with what is known of each class beside its items.</summary>
internal sealed class DescribedClasses(IClassPool pool, IReadOnlyList<float[]> attributes) : IClassPool
{
    public string Name => pool.Name;

    public IReadOnlyList<long> ItemShape => pool.ItemShape;

    public int ClassCount => pool.ClassCount;

    public int ItemCount(int classIndex) => pool.ItemCount(classIndex);

    public string ClassName(int classIndex) => pool.ClassName(classIndex);

    public string Group(int classIndex) => pool.Group(classIndex);

    public IReadOnlyList<float> Attributes(int classIndex) => attributes[classIndex];

    public void Write(int classIndex, int item, Span<float> destination) => pool.Write(classIndex, item, destination);
}

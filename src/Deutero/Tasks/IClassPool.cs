namespace Deutero.Tasks;

/// <summary>Classes and their items in host memory: what classification episodes are drawn from.</summary>
/// <remarks>
/// A pool is one split of a data set (the meta-train, meta-validation or meta-test classes). It is immutable, so any number of
/// threads may read it. Items are written as float32 straight into the episode's buffer, without a tensor per item.
/// </remarks>
public interface IClassPool
{
    /// <summary>What this is, for reports and messages, for example <c>omniglot/vinyals/test</c>.</summary>
    string Name { get; }

    /// <summary>The shape of one item, without the batch axis: <c>[C, H, W]</c> for images, <c>[features]</c> for tables.</summary>
    IReadOnlyList<long> ItemShape { get; }

    /// <summary>The number of classes.</summary>
    int ClassCount { get; }

    /// <summary>The number of items of a class.</summary>
    /// <param name="classIndex">The class, in <c>[0, ClassCount)</c>.</param>
    int ItemCount(int classIndex);

    /// <summary>A name that identifies the class across splits and runs, for example <c>Greek/character03/rot090</c>.</summary>
    /// <param name="classIndex">The class, in <c>[0, ClassCount)</c>.</param>
    string ClassName(int classIndex);

    /// <summary>The group that the class belongs to, for example its alphabet; empty where the pool has no groups.</summary>
    /// <param name="classIndex">The class, in <c>[0, ClassCount)</c>.</param>
    string Group(int classIndex) => "";

    /// <summary>What is known of the class beside its items, as many numbers for every class of the pool; empty where nothing is.</summary>
    /// <param name="classIndex">The class, in <c>[0, ClassCount)</c>.</param>
    IReadOnlyList<float> Attributes(int classIndex) => [];

    /// <summary>Writes one item as float32.</summary>
    /// <param name="classIndex">The class, in <c>[0, ClassCount)</c>.</param>
    /// <param name="item">The item, in <c>[0, ItemCount(classIndex))</c>.</param>
    /// <param name="destination">Exactly as many values as <see cref="ItemShape"/> has; images in <c>[0, 1]</c>.</param>
    void Write(int classIndex, int item, Span<float> destination);
}

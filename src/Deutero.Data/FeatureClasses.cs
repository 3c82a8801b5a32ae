using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>A class pool over rows of numbers; items are vectors <c>[features]</c>.</summary>
public sealed class FeatureClasses : IClassPool
{
    private readonly long[] itemShape;
    private readonly (string Name, float[][] Rows)[] classes;

    /// <summary>Makes a pool of classes of rows.</summary>
    /// <param name="name">What the pool is called in reports.</param>
    /// <param name="features">The length of every row.</param>
    /// <param name="classes">The classes with their rows.</param>
    /// <exception cref="ArgumentException">A class is empty, or a row has another length.</exception>
    public FeatureClasses(string name, int features, IEnumerable<(string Name, float[][] Rows)> classes)
    {
        (Name, itemShape, this.classes) = (name, [features], [.. classes]);
        var wrong = this.classes.FirstOrDefault(one => one.Rows.Length == 0 || one.Rows.Any(row => row.Length != features));
        if (wrong.Name is not null)
        {
            throw new ArgumentException(
                $"Class {wrong.Name} of {name} must have at least one row, and {features} features a row.", nameof(classes));
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<long> ItemShape => itemShape;

    /// <inheritdoc/>
    public int ClassCount => classes.Length;

    /// <inheritdoc/>
    public int ItemCount(int classIndex) => classes[classIndex].Rows.Length;

    /// <inheritdoc/>
    public string ClassName(int classIndex) => classes[classIndex].Name;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The destination has another length than an item.</exception>
    public void Write(int classIndex, int item, Span<float> destination)
    {
        var row = classes[classIndex].Rows[item];
        if (destination.Length != row.Length)
        {
            throw new ArgumentException($"An item of {Name} has {row.Length} values, not {destination.Length}.", nameof(destination));
        }

        row.CopyTo(destination);
    }
}

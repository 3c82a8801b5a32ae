namespace Deutero.Edge;

/// <summary>What a model takes: numbers of one shape, and how images become such numbers where it learned images.</summary>
/// <param name="ItemShape">The shape of one item, without the batch axis.</param>
/// <param name="Image">How images are read; null for a model of tables.</param>
public sealed record InputContract(IReadOnlyList<long> ItemShape, ImageContract? Image)
{
    /// <summary>The contract of a model of images.</summary>
    /// <param name="image">How images are read.</param>
    public InputContract(ImageContract image)
        : this(image.ItemShape, image)
    {
    }

    /// <summary>The numbers in one item.</summary>
    public int ItemSize { get; } = checked((int)ItemShape.Aggregate(1L, (product, side) => product * side));

    /// <summary>Refuses numbers that are no item: another count, NaN or infinite, or, for images, outside of [0, 1].</summary>
    /// <param name="values">The numbers, row-major.</param>
    /// <param name="name">What messages call the item.</param>
    /// <exception cref="ArgumentException">They are not as the model wants them; the message says what was found and expected.</exception>
    public void Check(ReadOnlySpan<float> values, string name)
    {
        if (values.Length != ItemSize)
        {
            throw new ArgumentException($"{name} has {values.Length} numbers, but this model takes {ItemSize} ({string.Join(" x ", ItemShape)}).");
        }

        var (low, high) = Image is null ? (float.MinValue, float.MaxValue) : (0f, 1f);
        foreach (var value in values)
        {
            if (!(value >= low && value <= high))
            {
                throw new ArgumentException($"{name} has the value {value}, but {(Image is null ? "finite numbers are" : "pixels from 0 to 1 are")} expected.");
            }
        }
    }
}

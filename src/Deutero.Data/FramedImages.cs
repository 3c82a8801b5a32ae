using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>The images of a pool in a frame that is larger, or has more channels: so that images of several data sets have one shape, without resampling.</summary>
/// <remarks>An image is put into the middle; around it is 0, the ground of data sets whose ink is bright. A grey image is repeated in every channel.</remarks>
public sealed class FramedImages : IClassPool
{
    private readonly IClassPool _pool;
    private readonly int _channels;
    private readonly int _size;

    /// <summary>Frames a pool.</summary>
    /// <param name="pool">Images <c>[1 or channels, H, W]</c>.</param>
    /// <param name="channels">Channels of the framed images.</param>
    /// <param name="size">Pixels a side of the framed images.</param>
    /// <exception cref="ArgumentException">Items are no images, or do not fit into the frame.</exception>
    public FramedImages(IClassPool pool, int channels, int size)
    {
        if (pool.ItemShape is not [var own, var height, var width] || (own != 1 && own != channels) || height > size || width > size)
        {
            throw new ArgumentException($"Items [{string.Join(", ", pool.ItemShape)}] of {pool.Name} do not fit into a frame of images [{channels}, {size}, {size}].");
        }

        (_pool, _channels, _size) = (pool, channels, size);
    }

    /// <inheritdoc/>
    public string Name => _pool.Name;

    /// <inheritdoc/>
    public IReadOnlyList<long> ItemShape => [_channels, _size, _size];

    /// <inheritdoc/>
    public int ClassCount => _pool.ClassCount;

    /// <inheritdoc/>
    public int ItemCount(int classIndex) => _pool.ItemCount(classIndex);

    /// <inheritdoc/>
    public string ClassName(int classIndex) => _pool.ClassName(classIndex);

    /// <inheritdoc/>
    public string Group(int classIndex) => _pool.Group(classIndex);

    /// <inheritdoc/>
    public IReadOnlyList<float> Attributes(int classIndex) => _pool.Attributes(classIndex);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The destination has another length than an item.</exception>
    public void Write(int classIndex, int item, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, _channels * _size * _size);
        var (channels, height, width) = ((int)_pool.ItemShape[0], (int)_pool.ItemShape[1], (int)_pool.ItemShape[2]);
        var image = new float[channels * height * width];
        _pool.Write(classIndex, item, image);
        destination.Clear();
        var corner = ((_size - height) / 2 * _size) + ((_size - width) / 2);
        for (var row = 0; row < _channels * height; row++)
        {
            var (channel, y) = (row / height, row % height);
            image.AsSpan(((channel % channels * height) + y) * width, width).CopyTo(destination[((channel * _size * _size) + corner + (y * _size))..]);
        }
    }
}

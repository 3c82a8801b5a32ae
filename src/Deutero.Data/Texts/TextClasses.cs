using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>A class pool over texts; items are what <see cref="TextFeatures"/> makes of them.</summary>
public sealed class TextClasses : IClassPool
{
    private readonly TextFeatures _features;
    private readonly (string Name, EncodedText[] Texts)[] _classes;

    /// <summary>Makes a pool of texts, with a class for each label, in order of label.</summary>
    /// <param name="name">What the pool is called in reports.</param>
    /// <param name="features">How texts become numbers.</param>
    /// <param name="texts">The texts.</param>
    public TextClasses(string name, TextFeatures features, IEnumerable<LabelledText> texts)
    {
        (Name, _features) = (name, features);
        _classes =
        [
            .. texts.GroupBy(text => text.Label, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => (group.Key, group.Select(text => features.Encode(text.Text)).ToArray())),
        ];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<long> ItemShape => [_features.Length];

    /// <inheritdoc/>
    public int ClassCount => _classes.Length;

    /// <inheritdoc/>
    public int ItemCount(int classIndex) => _classes[classIndex].Texts.Length;

    /// <inheritdoc/>
    public string ClassName(int classIndex) => _classes[classIndex].Name;

    /// <inheritdoc/>
    public void Write(int classIndex, int item, Span<float> destination) => _features.Write(_classes[classIndex].Texts[item], destination);
}

using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Deutero.Torch;

/// <summary>An immutable, ordered set of named tensors: weights, and everything of their shape (gradients, momenta, learning rates, masks).</summary>
/// <remarks>
/// Arithmetic is leaf by leaf, so a gradient step reads as in the papers: <c>phi = theta - alpha * gradient</c>.
/// Built by a collection expression: <c>Parameters theta = [new("w", w), new("b", b)];</c>.
/// </remarks>
[CollectionBuilder(typeof(Parameters), nameof(Create))]
[SuppressMessage("Naming", "CA1710", Justification = "The field calls them parameters.")]
public sealed class Parameters : IReadOnlyCollection<KeyValuePair<string, Tensor>>, ITensors<Parameters>
{
    private readonly string[] _names;
    private readonly Tensor[] _tensors;
    private readonly Dictionary<string, int> _index;

    private Parameters(string[] names, Tensor[] tensors, Dictionary<string, int> index)
    {
        _names = names;
        _tensors = tensors;
        _index = index;
    }

    /// <summary>No tensors at all.</summary>
    public static Parameters Empty { get; } = Create([]);

    /// <summary>The names, in order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Leaves => _tensors;

    /// <summary>The number of tensors.</summary>
    public int Count => _tensors.Length;

    /// <summary>The number of elements of all tensors together.</summary>
    public long ElementCount => _tensors.Sum(tensor => tensor.Count);

    /// <summary>The tensor of a name.</summary>
    /// <param name="name">The name, for example <c>conv1.weight</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no such name; the message lists those that exist.</exception>
    public Tensor this[string name] => _index.TryGetValue(name, out var i)
        ? _tensors[i]
        : throw new KeyNotFoundException($"There is no parameter '{name}'; there are {string.Join(", ", _names)}.");

    /// <summary>Builds parameters from named tensors.</summary>
    /// <param name="items">The names, all different, with their tensors.</param>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    public static Parameters Create(ReadOnlySpan<KeyValuePair<string, Tensor>> items)
    {
        var names = new string[items.Length];
        var tensors = new Tensor[items.Length];
        var index = new Dictionary<string, int>(items.Length, StringComparer.Ordinal);
        for (var i = 0; i < items.Length; i++)
        {
            (names[i], tensors[i]) = (items[i].Key, items[i].Value);
            if (!index.TryAdd(names[i], i))
            {
                throw new ArgumentException($"The parameter name '{names[i]}' occurs twice.");
            }
        }

        return new(names, tensors, index);
    }

    /// <summary>Leaf-by-leaf sum.</summary>
    /// <param name="left">Parameters.</param>
    /// <param name="right">Parameters of the same names.</param>
    public static Parameters operator +(Parameters left, Parameters right) => left.Zip(right, (a, b) => a + b);

    /// <summary>Leaf-by-leaf difference.</summary>
    /// <param name="left">Parameters.</param>
    /// <param name="right">Parameters of the same names.</param>
    public static Parameters operator -(Parameters left, Parameters right) => left.Zip(right, (a, b) => a - b);

    /// <summary>Leaf-by-leaf product, for learning rates and masks per parameter.</summary>
    /// <param name="left">Parameters.</param>
    /// <param name="right">Parameters of the same names.</param>
    public static Parameters operator *(Parameters left, Parameters right) => left.Zip(right, (a, b) => a * b);

    /// <summary>Every leaf times a number.</summary>
    /// <param name="scale">The number.</param>
    /// <param name="value">Parameters.</param>
    public static Parameters operator *(double scale, Parameters value) => value.Map(leaf => leaf * scale);

    /// <summary>Every leaf times a scalar tensor, through which gradients flow.</summary>
    /// <param name="scale">Shape <c>[]</c>.</param>
    /// <param name="value">Parameters.</param>
    public static Parameters operator *(Tensor scale, Parameters value) => value.Map(leaf => leaf * scale);

    /// <summary>Whether a name occurs.</summary>
    /// <param name="name">The name.</param>
    public bool Contains(string name) => _index.ContainsKey(name);

    /// <summary>Applies a function to every tensor.</summary>
    /// <param name="function">From a leaf to a leaf.</param>
    public Parameters Map(Func<Tensor, Tensor> function) => With(Array.ConvertAll(_tensors, leaf => function(leaf)));

    /// <summary>Applies a function to every name and tensor.</summary>
    /// <param name="function">From a name and a leaf to a leaf.</param>
    public Parameters Map(Func<string, Tensor, Tensor> function)
    {
        var leaves = new Tensor[_tensors.Length];
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = function(_names[i], _tensors[i]);
        }

        return With(leaves);
    }

    /// <summary>Combines two sets of parameters leaf by leaf.</summary>
    /// <param name="other">Parameters of the same names in the same order.</param>
    /// <param name="function">From two leaves to one.</param>
    /// <exception cref="ArgumentException">The names differ; the message shows both structures.</exception>
    public Parameters Zip(Parameters other, Func<Tensor, Tensor, Tensor> function)
    {
        if (!ReferenceEquals(_names, other._names) && !_names.AsSpan().SequenceEqual(other._names))
        {
            throw new ArgumentException($"Parameters [{string.Join(", ", _names)}] cannot be combined with [{string.Join(", ", other._names)}].");
        }

        var leaves = new Tensor[_tensors.Length];
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = function(_tensors[i], other._tensors[i]);
        }

        return With(leaves);
    }

    /// <summary>The parameters whose names satisfy a condition.</summary>
    /// <param name="condition">Which names to take.</param>
    public Parameters Where(Func<string, bool> condition) => Create(this.Where(item => condition(item.Key)).ToArray());

    /// <summary>These parameters with some of them replaced, and with new names appended.</summary>
    /// <param name="other">The replacements.</param>
    public Parameters With(Parameters other)
    {
        var items = this.Select(item => other.Contains(item.Key) ? new(item.Key, other[item.Key]) : item);
        return Create([.. items, .. other.Where(item => !Contains(item.Key))]);
    }

    /// <summary>These parameters under a common prefix: <c>weight</c> becomes <c>prefix.weight</c>.</summary>
    /// <param name="prefix">The prefix without its dot.</param>
    public Parameters Prefixed(string prefix) => Create(this.Select(item => KeyValuePair.Create($"{prefix}.{item.Key}", item.Value)).ToArray());

    /// <summary>The parameters under a prefix, without it: the inverse of <see cref="Prefixed"/>.</summary>
    /// <param name="prefix">The prefix without its dot.</param>
    public Parameters Under(string prefix)
    {
        var start = prefix + ".";
        return Create(this.Where(item => item.Key.StartsWith(start, StringComparison.Ordinal))
            .Select(item => KeyValuePair.Create(item.Key[start.Length..], item.Value)).ToArray());
    }

    /// <summary>The parameters that are not under a prefix: what <see cref="Under"/> leaves over.</summary>
    /// <param name="prefix">The prefix without its dot.</param>
    public Parameters Without(string prefix)
    {
        var start = prefix + ".";
        return Where(name => !name.StartsWith(start, StringComparison.Ordinal));
    }

    /// <summary>The parameters without their history: gradients do not flow through the result.</summary>
    public Parameters Detach() => Map(leaf => leaf.Detach());

    /// <summary>The parameters in another element type.</summary>
    /// <param name="dtype">A floating-point type.</param>
    public Parameters To(DType dtype) => Map(leaf => leaf.To(dtype));

    /// <summary>The parameters on another device.</summary>
    /// <param name="device">The device.</param>
    public Parameters To(Device device) => Map(leaf => leaf.To(device));

    /// <summary>All elements in one vector, shape <c>[ElementCount]</c>, in the order of the names.</summary>
    public Tensor Flatten() => Tensor.Cat(Array.ConvertAll(_tensors, leaf => leaf.Reshape([-1])));

    /// <summary>The inverse of <see cref="Flatten"/>: cuts a vector into leaves of these shapes.</summary>
    /// <param name="vector">Shape <c>[ElementCount]</c>.</param>
    /// <exception cref="ArgumentException">The vector has another length.</exception>
    public Parameters Unflatten(Tensor vector)
    {
        if (vector.Rank != 1 || vector.Size(0) != ElementCount)
        {
            throw new ArgumentException($"A vector of {ElementCount} elements was expected but its shape is {vector.ShapeText}.");
        }

        var offset = 0L;
        return Map(leaf =>
        {
            var piece = vector.Narrow(0, offset, leaf.Count).Reshape(leaf.Sizes);
            offset += leaf.Count;
            return piece;
        });
    }

    /// <summary>The inner product with parameters of the same names, shape <c>[]</c>.</summary>
    /// <param name="other">Parameters of the same names.</param>
    public Tensor Dot(Parameters other)
    {
        var products = Zip(other, (a, b) => (a * b).Sum());
        return products.Count == 0 ? Tensor.Of(0) : products._tensors.Aggregate((sum, next) => sum + next);
    }

    /// <summary>Whether two sets of parameters have the same names and the same bits.</summary>
    /// <param name="other">The parameters to compare with.</param>
    public bool BitEquals(Parameters other) =>
        _names.AsSpan().SequenceEqual(other._names) && _tensors.Zip(other._tensors, (a, b) => a.BitEquals(b)).All(equal => equal);

    /// <inheritdoc/>
    public Parameters WithLeaves(IReadOnlyList<Tensor> leaves) => With([.. leaves]);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator()
    {
        for (var i = 0; i < _tensors.Length; i++)
        {
            yield return KeyValuePair.Create(_names[i], _tensors[i]);
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => $"Parameters ({Count} tensors, {ElementCount} elements)";

    private Parameters With(Tensor[] leaves) => new(_names, leaves, _index);
}

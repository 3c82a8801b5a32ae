using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Tasks of several sources, each source as likely as the others; an episode says which it is of.</summary>
public sealed class Mixture : ITaskDistribution
{
    private readonly ITaskDistribution[] _sources;

    /// <summary>Creates the distribution.</summary>
    /// <param name="sources">At least one source; inputs of one shape, and scored alike.</param>
    /// <exception cref="ArgumentException">There is no source, or two of them are scored by different metrics.</exception>
    public Mixture(IEnumerable<ITaskDistribution> sources)
    {
        _sources = [.. sources];
        if (_sources.Length == 0 || _sources.Any(source => source.Metric != _sources[0].Metric))
        {
            throw new ArgumentException($"A mixture needs at least one source, all with one metric, but found [{string.Join(", ", _sources.Select(source => source.Metric))}].");
        }
    }

    /// <inheritdoc/>
    public string Name => string.Join(" + ", _sources.Select(source => source.Name));

    /// <inheritdoc/>
    public Metric Metric => _sources[0].Metric;

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var source = _sources[random.Next(_sources.Length)];
        return source.Sample(random) with { Source = source.Name };
    }
}

using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>A distribution over tasks, p(T).</summary>
public interface ITaskDistribution
{
    /// <summary>What is drawn, for reports: for example <c>omniglot/vinyals/test 5-way 1-shot 15-query</c>.</summary>
    string Name { get; }

    /// <summary>What predictions are scored by; <see cref="Metric.Standard"/> where a distribution does not say otherwise.</summary>
    Metric Metric => Metric.Standard;

    /// <summary>Draws one episode. Safe for concurrent use with different generators.</summary>
    /// <param name="random">The only source of randomness: the same state gives the same episode.</param>
    Episode Sample(Generator random);
}

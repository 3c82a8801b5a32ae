using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Episodes that each come with a minibatch of ordinary classification, for learners that are trained on both.</summary>
public sealed class CoTraining : ITaskDistribution
{
    private readonly ITaskDistribution _episodes;
    private readonly ITaskDistribution _minibatches;

    /// <summary>Creates the distribution.</summary>
    /// <param name="episodes">The episodes.</param>
    /// <param name="minibatches">Minibatches of items of one shape with the episodes', under labels that always mean the same classes, such as <see cref="BaseClasses"/>.</param>
    public CoTraining(ITaskDistribution episodes, ITaskDistribution minibatches) => (_episodes, _minibatches) = (episodes, minibatches);

    /// <inheritdoc/>
    public string Name => $"{_episodes.Name}, beside {_minibatches.Name}";

    /// <inheritdoc/>
    public Metric Metric => _episodes.Metric;

    /// <inheritdoc/>
    public Episode Sample(Generator random) => _episodes.Sample(random) with { Minibatch = _minibatches.Sample(random).Query };
}

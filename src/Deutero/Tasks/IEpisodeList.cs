using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>A finite list of given episodes, such as a published test that everybody takes: nothing about them is left to chance.</summary>
public interface IEpisodeList : ITaskDistribution
{
    /// <summary>How many episodes there are, at least 1.</summary>
    int Count { get; }

    /// <summary>One of the episodes, the same on every call.</summary>
    /// <param name="index">In <c>[0, Count)</c>.</param>
    Episode this[int index] { get; }

    // As a distribution, every episode of the list is as likely as the others.
    Episode ITaskDistribution.Sample(Generator random) => this[random.Next(Count)];
}

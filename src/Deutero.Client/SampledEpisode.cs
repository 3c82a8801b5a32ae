namespace Deutero.Client;

/// <summary>One episode of a run's tasks, as the learner sees it.</summary>
/// <param name="Source">Which tasks it was drawn from.</param>
/// <param name="Ways">The number of classes; 0 in regression.</param>
/// <param name="Shape">The shape of one item; images are channels, height, width.</param>
/// <param name="Support">What the learner adapts to.</param>
/// <param name="Query">What it is asked afterwards.</param>
public sealed record SampledEpisode(string Source, int Ways, IReadOnlyList<long> Shape, IReadOnlyList<EpisodeItem> Support, IReadOnlyList<EpisodeItem> Query);

using Deutero.Client;

namespace Deutero.Service.Runs;

/// <summary>The trainings that the service shows. Safe for concurrent use.</summary>
public interface IRunSource
{
    /// <summary>All runs, the one that reported last first.</summary>
    IReadOnlyList<RunSummary> List();

    /// <summary>A run with its settings.</summary>
    /// <param name="name">What a request calls it; may be anything.</param>
    /// <returns>The run; null where there is none of that name.</returns>
    RunState? Find(string name);

    /// <summary>The reports of a run after an iteration.</summary>
    /// <param name="name">What a request calls it; may be anything.</param>
    /// <param name="after">Reports of later iterations only.</param>
    /// <returns>The reports; null where there is no run of that name.</returns>
    RunMetrics? Metrics(string name, int after);

    /// <summary>Draws an episode of a run's tasks.</summary>
    /// <param name="name">What a request calls it; may be anything.</param>
    /// <param name="seed">The same seed gives the same episode.</param>
    /// <param name="test">From the meta-test classes instead of those of meta-training.</param>
    /// <returns>The episode; null where there is no run of that name.</returns>
    /// <exception cref="ArgumentException">The run's settings do not fit its data.</exception>
    /// <exception cref="IOException">The run's data cannot be read.</exception>
    /// <exception cref="InvalidDataException">The run's settings are wrong, or its data are not at hand or damaged.</exception>
    SampledEpisode? Episode(string name, ulong seed, bool test);
}

namespace Deutero.Client;

/// <summary>The reports of a training after an iteration.</summary>
/// <param name="Status">running, finished or interrupted.</param>
/// <param name="Rows">The reports, the earliest first.</param>
public sealed record RunMetrics(string Status, IReadOnlyList<RunMetric> Rows);

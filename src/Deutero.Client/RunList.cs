namespace Deutero.Client;

/// <summary>The trainings in the folder of runs.</summary>
/// <param name="Runs">The runs, the one that reported last first.</param>
public sealed record RunList(IReadOnlyList<RunSummary> Runs);

namespace Deutero.Evaluation;

/// <summary>How right a learner is when it answers only what it is surest of.</summary>
/// <param name="Coverage">The fraction of queries that it answers, in (0, 1].</param>
/// <param name="Accuracy">The fraction of those that is right.</param>
/// <param name="Threshold">The least confidence among those.</param>
public sealed record CoveragePoint(double Coverage, double Accuracy, double Threshold);

namespace Deutero.Client;

/// <summary>The score of a run on held-out tasks.</summary>
/// <param name="Metric">What it was judged by.</param>
/// <param name="Mean">The mean over the tasks.</param>
/// <param name="HalfWidth95">Half of the width of the 95% confidence interval of the mean.</param>
/// <param name="Episodes">The number of tasks.</param>
/// <param name="Source">Which tasks those were.</param>
/// <param name="Curve">The mean before adaptation and after each of its steps; one figure where adaptation has no steps.</param>
public sealed record RunScore(string Metric, double Mean, double HalfWidth95, int Episodes, string Source, IReadOnlyList<double> Curve);

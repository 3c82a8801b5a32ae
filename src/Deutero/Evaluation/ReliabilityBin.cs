namespace Deutero.Evaluation;

/// <summary>The queries whose confidence lies in one interval.</summary>
/// <param name="From">The least confidence, exclusive except for 0.</param>
/// <param name="To">The greatest confidence, inclusive.</param>
/// <param name="Count">How many queries there are.</param>
/// <param name="Confidence">Their mean confidence; NaN where there are none.</param>
/// <param name="Accuracy">The fraction that is right; NaN where there are none.</param>
public sealed record ReliabilityBin(double From, double To, int Count, double Confidence, double Accuracy);

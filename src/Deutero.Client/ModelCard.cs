namespace Deutero.Client;

/// <summary>What is known about a model.</summary>
/// <param name="Data">What it was meta-trained on.</param>
/// <param name="Licence">The licence of that data; empty where it is not known.</param>
/// <param name="Metric">What it was judged by; empty where it was not.</param>
/// <param name="Mean">Its mean score on held-out tasks.</param>
/// <param name="HalfWidth95">Half of the width of the 95% confidence interval of the mean.</param>
/// <param name="Episodes">The number of held-out tasks.</param>
/// <param name="Source">Which tasks those were.</param>
/// <param name="Text">The card as Markdown.</param>
/// <param name="Calibration">How its probabilities were calibrated; null where they were not.</param>
public sealed record ModelCard(
    string Data, string Licence, string Metric, double Mean, double HalfWidth95, int Episodes, string Source, string Text, CalibrationState? Calibration = null);

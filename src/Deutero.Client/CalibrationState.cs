namespace Deutero.Client;

/// <summary>What was learned on held-out tasks about a model's answers, with figures that were measured on other classes.</summary>
/// <param name="Temperature">What logits are divided by before they become probabilities.</param>
/// <param name="Score">What is compared with the threshold: <c>probability</c>, or <c>logit</c>, the largest logit.</param>
/// <param name="Threshold">The score below which an item is none of the classes.</param>
/// <param name="Rate">The share of items of known classes that the threshold was to lose.</param>
/// <param name="KnownAbstained">The share that it loses.</param>
/// <param name="ForeignCaught">The share of items of other classes that it catches.</param>
/// <param name="EceBefore">The expected calibration error of the uncalibrated probabilities, in [0, 1].</param>
/// <param name="EceAfter">The same of the calibrated ones.</param>
/// <param name="MeasuredOn">The classes that this was measured on.</param>
public sealed record CalibrationState(
    double Temperature, string Score, double Threshold, double Rate, double KnownAbstained, double ForeignCaught, double EceBefore, double EceAfter, string MeasuredOn);

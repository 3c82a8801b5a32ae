namespace Deutero.Edge;

/// <summary>What an adapted classifier says about one item.</summary>
/// <param name="Class">The index of the most probable class.</param>
/// <param name="Probability">The probability of that class.</param>
/// <param name="Probabilities">The probability of each class, in the order of the support set; they add up to 1.</param>
/// <param name="Score">How well the best class fits, in the unit of the model's <see cref="ModelCalibration.Score"/>.</param>
/// <param name="Abstained">Whether the score is below the threshold, so that the item is none of the classes.</param>
public sealed record Prediction(int Class, double Probability, IReadOnlyList<double> Probabilities, double Score, bool Abstained);

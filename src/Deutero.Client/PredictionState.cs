namespace Deutero.Client;

/// <summary>What an adaptation says about one item.</summary>
/// <param name="Class">The most probable class; null where the answer is none of these.</param>
/// <param name="Probability">The probability of the most probable class.</param>
/// <param name="Abstained">Whether the item is none of the classes, by the threshold that was learned on held-out tasks.</param>
/// <param name="Probabilities">The probability of every class; they add up to 1.</param>
/// <param name="Score">What was compared with the threshold: the largest probability or logit, as the model's card says.</param>
public sealed record PredictionState(
    string? Class, double Probability, bool Abstained, IReadOnlyDictionary<string, double> Probabilities, double Score = 0);

namespace Deutero.Evaluation;

/// <summary>How one episode went.</summary>
/// <param name="Index">Its place in the frozen list.</param>
/// <param name="Score">Accuracy, or area under the ROC curve, in [0, 1] of the adapted predictor, or its mean squared error.</param>
/// <param name="Loss">The query loss of the adapted predictor.</param>
/// <param name="Curve">The score before adaptation and after each inner step.</param>
/// <param name="Identity">Exactly which items the episode holds.</param>
public sealed record EpisodeResult(int Index, double Score, double Loss, IReadOnlyList<double> Curve, string Identity)
{
    /// <summary>Which of several sources the episode was drawn from; empty where there is one.</summary>
    public string Source { get; init; } = "";

    /// <summary>What the adapted predictor's probabilities say; null in regression.</summary>
    public Forecasts? Forecasts { get; init; }
}

namespace Deutero.Client;

/// <summary>The answers to the items of a request.</summary>
/// <param name="Adaptation">The adaptation that was asked.</param>
/// <param name="Version">Its version.</param>
/// <param name="Model">The name of the model.</param>
/// <param name="ModelVersion">The SHA-256 of the model.</param>
/// <param name="Calibrated">Whether probabilities were calibrated on held-out tasks.</param>
/// <param name="Results">One answer for each item, in the order of the request.</param>
public sealed record Predictions(
    string Adaptation, int Version, string Model, string ModelVersion, bool Calibrated, IReadOnlyList<PredictionState> Results);

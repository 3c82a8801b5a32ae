namespace Deutero.Client;

/// <summary>Why an adaptation answers as it does.</summary>
/// <param name="Adaptation">The adaptation that was asked.</param>
/// <param name="Version">Its version.</param>
/// <param name="Model">The name of the model.</param>
/// <param name="ModelVersion">The SHA-256 of the model.</param>
/// <param name="Prediction">The answer.</param>
/// <param name="Examples">What each example has to do with it, the nearest one first where the model has an embedding.</param>
/// <param name="Map">Where the item lies on the map of the embedding; null where the model has none.</param>
/// <param name="Changes">What the inner loop changed; null for a learner that changes no parameters.</param>
public sealed record ExplanationState(
    string Adaptation, int Version, string Model, string ModelVersion, PredictionState Prediction, IReadOnlyList<ExplainedExampleState> Examples,
    MapState? Map, IReadOnlyList<ParameterChangeState>? Changes);

namespace Deutero.Edge;

/// <summary>Why a classifier answers as it does.</summary>
/// <param name="Prediction">The answer.</param>
/// <param name="Examples">What each example has to do with it, in the order of the support set.</param>
/// <param name="Map">Where the item lies on the map of the embedding; null where the model has none.</param>
/// <param name="Changes">What the inner loop changed; null for a learner that changes no parameters.</param>
public sealed record Explanation(
    Prediction Prediction, IReadOnlyList<ExplainedExample> Examples, EmbeddingMap? Map, IReadOnlyList<ParameterChange>? Changes);

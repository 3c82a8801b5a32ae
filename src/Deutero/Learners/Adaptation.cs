using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>The outcome of an inner loop.</summary>
/// <param name="Path">The predictor before adaptation and after each inner step; a single one for learners without steps.</param>
public sealed record Adaptation(IReadOnlyList<Predictor> Path)
{
    /// <summary>The adapted predictor: the last of the path.</summary>
    public Predictor Predict => Path[^1];

    /// <summary>The parameters after the last inner step, under the names that they have in θ; null for learners that change none.</summary>
    public Parameters? Adapted { get; init; }
}

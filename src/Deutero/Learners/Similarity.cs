namespace Deutero.Learners;

/// <summary>How alike two vectors of features are; the greater, the more alike.</summary>
public enum Similarity
{
    /// <summary>Minus the squared Euclidean distance, −Σ(a − b)². Of these the only one whose best representative of a class is its mean.</summary>
    SquaredEuclidean,

    /// <summary>The cosine of the angle between them, in [−1, 1]; a softmax over such numbers needs them scaled.</summary>
    Cosine,

    /// <summary>Minus the sum of absolute differences, −Σ|a − b|.</summary>
    Manhattan,
}

using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Comparisons of each query with each reference.</summary>
internal static class Similarities
{
    // Below any number that a comparison gives, and finite, so that a class without examples has a gradient of 0 instead of none.
    private const double Lowest = -1e9;

    // Queries [M, D] and references [N, D]: [M, N]
    internal static Tensor Between(Similarity similarity, Tensor queries, Tensor references) => similarity switch
    {
        Similarity.SquaredEuclidean => // −||z − c||² = 2 z·c − ||c||² − ||z||²
            (2 * queries.Matmul(references.T())) - references.Square().Sum([1]) - queries.Square().Sum([1], keepdim: true),
        Similarity.Cosine => Unit(queries).Matmul(Unit(references).T()),
        Similarity.Manhattan => -(queries.Unsqueeze(1) - references.Unsqueeze(0)).Abs().Sum([2]),
        _ => throw new ArgumentOutOfRangeException(nameof(similarity), similarity, "This similarity is unknown."),
    };

    // Of length 1, but for vectors near 0.
    internal static Tensor Unit(Tensor values) => values / (values.Square().Sum([-1], keepdim: true) + 1e-12).Sqrt();

    // Values that belong to the support's examples, [M, NK], once for each class, where those of other classes are all but −∞: [M, N, NK]
    internal static Tensor ByClass(Tensor values, Tensor membership) => values.Unsqueeze(1) + ((1 - membership.T()) * Lowest);
}

using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>A loss of the distances between embedded examples, which is small where classes are dense and apart: one of the records in here.</summary>
/// <remarks>In a configuration: <c>"loss": "contrastive"</c>, or <c>"loss": { "type": "triplet", "mining": "semi-hard", "soft": false }</c>.</remarks>
public abstract record PairLoss
{
    // Above any distance, and finite.
    private const double Far = 1e9;

    private PairLoss()
    {
    }

    // Distances [n, n], and whether two different examples are of one class, and of different ones, as 1 and 0: shape [].
    internal abstract Tensor Of(Tensor distances, Tensor positive, Tensor negative);

    private static Tensor MeanOf(Tensor values, Tensor chosen) => (values * chosen).Sum() / chosen.Sum();

    /// <summary>d² for two examples of one class, max(0, m − d)² for others (Hadsell, Chopra and LeCun, CVPR 2006), as if as many pairs of either kind were drawn.</summary>
    public sealed record Contrastive : PairLoss
    {
        /// <summary>The distance m from which on examples of different classes are far enough apart, positive; default 1.</summary>
        public double Margin { get; init => field = Setting.Positive(value, nameof(Margin)); } = 1;

        internal override Tensor Of(Tensor distances, Tensor positive, Tensor negative) =>
            0.5 * (MeanOf(distances.Square(), positive) + MeanOf((Margin - distances).Relu().Square(), negative));
    }

    /// <summary>For an anchor, an example of its class at distance d⁺ and one of another at d⁻: log(1 + exp(d⁺ − d⁻)), or max(0, d⁺ − d⁻ + m).</summary>
    /// <remarks>Distances are not squared. Which triplets are chosen counts as a constant: gradients flow through their distances alone.</remarks>
    public sealed record Triplet : PairLoss
    {
        /// <summary>Which triplets; default the hardest.</summary>
        public TripletMining Mining { get; init; }

        /// <summary>Whether the margin is soft: the logarithm rather than the hinge; default true.</summary>
        public bool Soft { get; init; } = true;

        /// <summary>The margin m of the hinge, positive; default 0.5.</summary>
        public double Margin { get; init => field = Setting.Positive(value, nameof(Margin)); } = 0.5;

        internal override Tensor Of(Tensor distances, Tensor positive, Tensor negative) => Mining switch
        {
            TripletMining.Hardest => Cost(
                (distances - ((1 - positive) * Far)).Amax([1]) - (distances + ((1 - negative) * Far)).Amin([1])).Mean(),
            TripletMining.SemiHard => MeanOf(Cost(distances - NearestBeyond(distances, negative)), positive),
            TripletMining.All => MeanOf(
                Cost(distances.Unsqueeze(2) - distances.Unsqueeze(1)), positive.Unsqueeze(2) * negative.Unsqueeze(1)), // [anchor, positive, negative]
            _ => throw new InvalidOperationException($"The mining {Mining} is unknown."),
        };

        private Tensor Cost(Tensor excess) => Soft ? excess.Softplus() : (excess + Margin).Relu();

        // For each anchor and other example, the distance of the nearest negative that is farther from the anchor than that example: [n, n]
        private static Tensor NearestBeyond(Tensor distances, Tensor negative)
        {
            var candidates = distances.Unsqueeze(1); // [anchor, 1, negative]
            var beyond = candidates.Gt(distances.Unsqueeze(2)).To(distances.DType) * negative.Unsqueeze(1);
            var nearest = (candidates + ((1 - beyond) * Far)).Amin([2]);
            var farthest = (distances - ((1 - negative) * Far)).Amax([1], keepdim: true);
            return Tensor.Where(nearest.Lt(Far / 2), nearest, farthest.ExpandAs(nearest));
        }
    }
}

namespace Deutero.Models;

/// <summary>Which images the statistics of a BatchNorm layer come from. It changes few-shot results by points, so every result records it.</summary>
public enum BatchNormPolicy
{
    /// <summary>
    /// Support and query apart, each from its own batch: what MAML's authors run. Transductive: the queries of an episode share statistics.
    /// The default.
    /// </summary>
    Split,

    /// <summary>
    /// The episode together: queries are normalised in one batch with the support set. Transductive with many queries; with one query at a
    /// time it is the non-transductive protocol of Reptile.
    /// </summary>
    Episode,

    /// <summary>
    /// Running averages collected over meta-training, used when the trained model is evaluated or served: not transductive.
    /// Meta-training itself normalises as <see cref="Split"/>.
    /// </summary>
    Running,
}

namespace Deutero.Models;

/// <summary>Which operators a convolutional model runs on; the mathematics is the same, the results agree up to rounding.</summary>
public enum Kernels
{
    /// <summary>
    /// Deutero's own for 3x3 convolutions, normalisation by batch statistics, activation and pooling, wherever they apply: images of 32 or 64 bits on
    /// the processor, channels in multiples of 16, outside of VMap and Jvp. Elsewhere libtorch's.
    /// </summary>
    Fused,

    /// <summary>libtorch's throughout: the reference.</summary>
    Plain,
}

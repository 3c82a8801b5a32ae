namespace Deutero.Models;

/// <summary>The arithmetic of a convolutional model's 3x3 convolutions; parameters, sums and everything else stay as they are.</summary>
public enum Precision
{
    /// <summary>That of the parameters.</summary>
    Float32,

    /// <summary>
    /// Factors are rounded to bfloat16 (8 bits of mantissa), sums are float32. Faster where the processor multiplies bfloat16 faster (AMX), and only there;
    /// it takes effect where <see cref="Kernels.Fused"/> applies.
    /// </summary>
    BFloat16,
}

using Deutero.Torch;
using Deutero.Torch.Distributed;

namespace Deutero.Compression;

/// <summary>How the processes of a run add up their meta-gradients: in full, or with less traffic at some cost in accuracy.</summary>
public interface IGradientCompression
{
    /// <summary>What a process carries from one sum to the next, before the first one; empty where nothing is carried.</summary>
    /// <param name="theta">The meta-parameters, whose gradients will be added.</param>
    Parameters Init(Parameters theta);

    /// <summary>The sum of a vector over all processes.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="vector">This process's vector, shape <c>[elements]</c>, float64.</param>
    /// <param name="state">The result of <see cref="Init"/>, or of the previous sum.</param>
    /// <returns>The sum, the same bits in every process, and what this process carries on.</returns>
    /// <exception cref="DistributedException">A process was lost.</exception>
    (Tensor Sum, Parameters State) Sum(ProcessGroup group, Tensor vector, Parameters state);
}

using Deutero.Torch;
using Deutero.Torch.Serialization;

namespace Deutero.Cli.Tests.EndToEnd;

internal static class Models
{
    /// <summary>The distance of two models relative to the norm of the first, each over all parameters.</summary>
    internal static double Distance(string first, string second)
    {
        using var scope = new TensorScope();
        var (a, b) = (SafetensorsParameters.Load(first).Parameters.To(DType.Float64), SafetensorsParameters.Load(second).Parameters.To(DType.Float64));
        return Math.Sqrt((a - b).Dot(a - b).ToDouble() / a.Dot(a).ToDouble());
    }
}

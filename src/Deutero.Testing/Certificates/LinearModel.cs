using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>f(x) = xᵀ θ, with one matrix θ of given values: small enough for meta-gradients on paper.</summary>
internal sealed record LinearModel : IModel
{
    internal const string Weight = "theta";

    /// <summary>The first θ, float64, shape <c>[features, outputs]</c>.</summary>
    internal required Tensor Theta { get; init; }

    public BatchNormPolicy? BatchNorm => null;

    public int OutputWidth => (int)Theta.Size(1);

    public Parameters Init(Generator random) => [new(Weight, Theta)];

    public Tensor Forward(Parameters parameters, Tensor inputs) => inputs.Matmul(parameters[Weight]);

    public Parameters BatchStatistics(Parameters parameters, Tensor inputs) => Parameters.Empty;

    public IModel WithStatistics(Parameters statistics) => this;

    public IModel WithShape(IReadOnlyList<long> itemShape, int outputs) => this;
}

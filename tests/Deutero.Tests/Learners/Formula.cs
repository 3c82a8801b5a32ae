using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

/// <summary>A model that is a formula of named numbers with given values, in float64, for figures that were worked out by hand.</summary>
internal sealed record Formula(Parameters Values, Func<Parameters, Tensor, Tensor> Apply) : IModel
{
    public BatchNormPolicy? BatchNorm => null;

    public int OutputWidth => 1;

    public Parameters Init(Generator random) => Values;

    public Tensor Forward(Parameters parameters, Tensor inputs) => Apply(parameters, inputs);

    public Parameters BatchStatistics(Parameters parameters, Tensor inputs) => Parameters.Empty;

    public IModel WithStatistics(Parameters statistics) => this;

    public IModel WithShape(IReadOnlyList<long> itemShape, int outputs) => this;
}

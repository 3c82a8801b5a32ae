using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

/// <summary>f(x) = xᵀ θ without a bias, in float64, for figures that were worked out by hand.</summary>
internal sealed record Linear(int Features, params double[] Theta) : IModel
{
    public BatchNormPolicy? BatchNorm => null;

    public int OutputWidth => Theta.Length / Features;

    public Parameters Init(Generator random) => [new("w", Tensor.From(Theta, Features, Theta.Length / Features))];

    public Tensor Forward(Parameters parameters, Tensor inputs) => inputs.Matmul(parameters["w"]);

    public Parameters BatchStatistics(Parameters parameters, Tensor inputs) => Parameters.Empty;

    public IModel WithStatistics(Parameters statistics) => this;

    public IModel WithShape(IReadOnlyList<long> itemShape, int outputs) => this;

    internal static Examples Point(double[] input, double target) => new(Tensor.From(input, 1, input.Length), Tensor.From([target], 1, 1), Ways: 0);

    internal static Tensor HalfSquare(Tensor predictions, Examples examples) => (predictions - examples.Targets).Square().Mean() * 0.5;

    internal static Tensor Logistic(Tensor predictions, Examples examples) => (-(predictions * examples.Targets)).Softplus().Mean();

    internal MetaGradient Run(IMetaLearner learner, Examples support, Examples query)
    {
        using var random = Generator.Seed(1);
        return learner.MetaGradient(this, Init(random), new(support, query, "by hand"), random);
    }
}

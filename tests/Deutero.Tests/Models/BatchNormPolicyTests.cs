using Deutero.Learners;
using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Tests.Models;

public sealed class BatchNormPolicyTests
{
    private static Parameters Theta => [new("norm.weight", Tensor.From([2.0])), new("norm.bias", Tensor.From([1.0]))];
    private static Tensor Support => Tensor.From([10.0, 20], 2, 1, 1, 1);
    private static Tensor Query => Tensor.From([1.0, 3], 2, 1, 1, 1);

    // Mean 2 and variance 1 of the queries 1 and 3.
    [Fact]
    public void Split_normalises_queries_by_their_own_batch() =>
        AssertValues([1 - (2 / Root(1)), 1 + (2 / Root(1))], Predict(new NormOnly { BatchNorm = BatchNormPolicy.Split }));

    // Mean 8.5 and variance (510 − 4 · 8.5²) / 4 = 55.25 of 10, 20, 1 and 3.
    [Fact]
    public void Episode_normalises_queries_in_one_batch_with_the_support_set() =>
        AssertValues([1 + (2 * (1 - 8.5) / Root(55.25)), 1 + (2 * (3 - 8.5) / Root(55.25))], Predict(new NormOnly { BatchNorm = BatchNormPolicy.Episode }));

    [Fact]
    public void Running_normalises_by_the_given_statistics()
    {
        Parameters given = [new("norm.mean", Tensor.From([5.0])), new("norm.variance", Tensor.From([4.0]))];
        AssertValues(
            [1 + (2 * (1 - 5) / Root(4)), 1 + (2 * (3 - 5) / Root(4))], Predict(new NormOnly { BatchNorm = BatchNormPolicy.Running }.WithStatistics(given)));
    }

    // Unbiased, as running averages are everywhere: 2 for the values 1 and 3, where normalising by the batch divides by 1.
    [Fact]
    public void Collected_statistics_are_the_mean_and_the_unbiased_variance()
    {
        var statistics = new NormOnly().BatchStatistics(Theta, Query);
        Assert.Equal(2, statistics["norm.mean"].ToDouble(), 1e-12);
        Assert.Equal(2, statistics["norm.variance"].ToDouble(), 1e-12);
    }

    private static double Root(double variance) => Math.Sqrt(variance + 1e-5);

    private static Tensor Predict(IModel model) => Episodic.ForwardBeside(model, Theta, Support, Query);

    private static void AssertValues(double[] expected, Tensor actual) =>
        Assert.All(expected.Zip(actual.ToArray<double>()), pair => Assert.Equal(pair.First, pair.Second, 1e-12));

    private sealed record NormOnly : IModel
    {
        public BatchNormPolicy BatchNorm { get; init; }

        BatchNormPolicy? IModel.BatchNorm => BatchNorm;

        private Parameters? Statistics { get; init; }

        public int OutputWidth => 2;

        public Parameters Init(Generator random) => Theta;

        public Tensor Forward(Parameters parameters, Tensor inputs) => Normalisation.By(Statistics).Apply(parameters, "norm", inputs);

        public Parameters BatchStatistics(Parameters parameters, Tensor inputs) =>
            Normalisation.Collect(normalisation => normalisation.Apply(parameters, "norm", inputs));

        public IModel WithStatistics(Parameters statistics) => this with { Statistics = statistics };

        public IModel WithShape(IReadOnlyList<long> itemShape, int outputs) => this;
    }
}

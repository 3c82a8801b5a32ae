using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Testing;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class MatchingNetTests
{
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [8], Outputs = 0 };

    private static Examples Support => new(Tensor.From([1.0, 0, 0, 1, -1, 0], 3, 2), Tensor.From([0L, 1, 1]), Ways: 2);

    // Cosines of (1, 1): 1/√2, 1/√2, −1/√2; attention .445808, .445808, .108384.
    [Fact]
    public void Probability_of_a_class_is_the_attention_on_its_examples()
    {
        MamlTests.AssertClose([0.445808, 0.554192], Probabilities(new() { Scale = 1 }, Support, [1, 1]), 1e-6);
        MamlTests.AssertClose([0.445808, 0.554192], Probabilities(new() { Scale = 1 }, Support, [30, 30]), 1e-6); // the length of a query means nothing
    }

    [Fact]
    public void Great_scale_is_the_nearest_neighbour_by_cosine()
    {
        var support = new Examples(Tensor.From([1.0, 0, 0, 5], 2, 2), Tensor.From([0L, 1]), Ways: 2);
        MamlTests.AssertClose([1, 0, 0, 1], Probabilities(new() { Scale = 1e4 }, support, [1, 0.9, 0.9, 1]), 1e-12);
    }

    // exp of the difference underflows even in 64 bits, its logarithm does not.
    [Fact]
    public void Attention_that_underflows_has_a_loss_and_a_gradient()
    {
        var query = new Examples(Tensor.From([1.0, 0], 1, 2), Tensor.From([1L]), Ways: 2);
        var support = new Examples(Tensor.From([1.0, 0, 0, 1], 2, 2), Tensor.From([0L, 1]), Ways: 2);
        var result = new Linear(2, 1, 0, 0, 1).Run(new MatchingNet { Scale = 2000 }, support, query);
        Assert.Equal(2000, result.Loss.ToDouble(), 1e-6);
        Assert.InRange(result.Direction.Flatten().Abs().Max().ToDouble(), 100, 1e4);
    }

    [Fact]
    public void A_vector_of_zeros_gives_numbers()
    {
        var support = new Examples(Tensor.Zeros([2, 2], DType.Float64), Tensor.From([0L, 1]), Ways: 2);
        var result = new Linear(2, 1, 0, 0, 1).Run(new MatchingNet(), support, support);
        Assert.Equal(Math.Log(2), result.Loss.ToDouble(), 1e-12);
        Assert.All(result.Direction.Flatten().ToArray<double>(), value => Assert.True(double.IsFinite(value)));
    }

    // Gates are 1/2 and candidates 0, so that cells and outputs stay 0 and only the features themselves remain.
    [Fact]
    public void Context_of_weights_that_are_zero_is_the_basic_model()
    {
        var (learner, episode) = (new MatchingNet { FullContext = true }, new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64));
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        var silent = theta.Map((name, leaf) => name.StartsWith("context", StringComparison.Ordinal) ? leaf.ZerosLike() : leaf);
        var expected = new MatchingNet().Adapt(s_model, theta, episode.Support, Generator.Seed(2)).Predict(episode.Query.Inputs);
        var actual = learner.Adapt(s_model, silent, episode.Support, Generator.Seed(2)).Predict(episode.Query.Inputs);
        MamlTests.AssertClose(expected.ToArray<double>(), actual.ToArray<double>(), 1e-12);
        var withContext = learner.Adapt(s_model, theta, episode.Support, Generator.Seed(2)).Predict(episode.Query.Inputs);
        Assert.InRange((withContext - expected).Abs().Max().ToDouble(), 1e-3, 100);
    }

    [Fact]
    public void Queries_with_context_do_not_depend_on_the_order_of_the_support_that_they_read()
    {
        using var random = Generator.Seed(4);
        var weights = ContextEmbedding.Init(random, 3).To(DType.Float64);
        var (queries, support) = (random.Normal([2, 3], dtype: DType.Float64), random.Normal([4, 3], dtype: DType.Float64));
        var shuffled = support.IndexSelect(0, Tensor.From([2L, 0, 3, 1]));
        MamlTests.AssertClose(
            ContextEmbedding.OfQueries(weights, queries, support, 4).ToArray<double>(), ContextEmbedding.OfQueries(weights, queries, shuffled, 4).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Support_is_read_from_both_ends()
    {
        using var random = Generator.Seed(4);
        var weights = ContextEmbedding.Init(random, 3).To(DType.Float64);
        var support = random.Normal([4, 3], dtype: DType.Float64);
        var first = ContextEmbedding.OfSupport(weights, support, [0, 1, 2, 3]);
        var changed = ContextEmbedding.OfSupport(weights, Tensor.Cat([support[0..3], support[3..4] + 1]), [0, 1, 2, 3]);
        Assert.InRange((first[0] - changed[0]).Abs().Max().ToDouble(), 1e-9, 1);
        Assert.Equal([4L, 3], first.Shape);
    }

    [Fact]
    public void Context_is_certified() => Assert.True(Certificates.Of(new MatchingNet { FullContext = true }).Holds);

    [Fact]
    public void Regression_is_refused_in_one_sentence()
    {
        var error = Assert.Throws<ArgumentException>(() => new MatchingNet().Adapt(new Linear(1, 1), Parameters.Empty, Linear.Point([1], 0), Generator.Seed(1)));
        Assert.Contains("class labels", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MatchingNet { Scale = 0 });
    }

    private static double[] Probabilities(MatchingNet learner, Examples support, double[] queries)
    {
        var model = new Linear(2, 1, 0, 0, 1);
        using var random = Generator.Seed(1);
        return learner.Adapt(model, model.Init(random), support, random).Predict(Tensor.From(queries, queries.Length / 2, 2)).Exp().ToArray<double>();
    }
}

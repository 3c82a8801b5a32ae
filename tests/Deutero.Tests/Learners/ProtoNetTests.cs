using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Testing;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class ProtoNetTests
{
    private static Examples Support => new(Tensor.From([0.0, 0, 2, 0, 4, 4, 4, 6], 4, 2), Tensor.From([0L, 0, 1, 1]), Ways: 2);

    [Fact]
    public void Logits_are_minus_the_squared_distances_to_the_class_means()
    {
        var logits = Logits(new Linear(2, 1, 0, 0, 1), Support, [1, 1, 3, 3]);
        MamlTests.AssertClose([-1, -25, -13, -5], logits.ToArray<double>());
        var probabilities = logits.Softmax(-1).ToArray<double>();
        Assert.Equal(3.7751e-11, probabilities[1], 1e-15);
        Assert.Equal(3.35350e-4, probabilities[2], 1e-9);
    }

    [Fact]
    public void Loss_is_the_cross_entropy_of_those_logits()
    {
        var query = new Examples(Tensor.From([3.0, 3], 1, 2), Tensor.From([1L]), Ways: 2);
        Assert.Equal(-Math.Log(0.99966465), new Linear(2, 1, 0, 0, 1).Run(new ProtoNet(), Support, query).Loss.ToDouble(), 1e-8);
    }

    [Fact]
    public void Translating_every_input_changes_nothing()
    {
        var moved = Support with { Inputs = Support.Inputs + 7.5 };
        MamlTests.AssertClose(
            Logits(new Linear(2, 1, 0, 0, 1), Support, [1, 1, 3, 3]).ToArray<double>(),
            Logits(new Linear(2, 1, 0, 0, 1), moved, [8.5, 8.5, 10.5, 10.5]).ToArray<double>());
    }

    [Fact]
    public void Prototype_of_one_shot_is_the_support_example()
    {
        var support = new Examples(Tensor.From([0.0, 0, 3, 4], 2, 2), Tensor.From([0L, 1]), Ways: 2);
        MamlTests.AssertClose([0, -25], Logits(new Linear(2, 1, 0, 0, 1), support, [0, 0]).ToArray<double>());
    }

    // Distances 1, 7 and 5, 3: probabilities .99753, .00247 and .11920, .88080.
    [Fact]
    public void Manhattan_logits_are_minus_the_sums_of_absolute_differences()
    {
        var logits = Logits(new Linear(2, 1, 0, 0, 1), Support, [1, 1, 3, 3], new() { Similarity = Similarity.Manhattan });
        MamlTests.AssertClose([-1, -7, -5, -3], logits.ToArray<double>());
        MamlTests.AssertClose([0.99753, 0.00247, 0.11920, 0.88080], logits.Softmax(-1).ToArray<double>(), 1e-5);
    }

    // Prototypes (1, 0) and (4, 5): cosines 1/√2 and 9/√82 of (1, 1).
    [Fact]
    public void Cosine_logits_are_scaled_and_do_not_depend_on_lengths()
    {
        var learner = new ProtoNet { Similarity = Similarity.Cosine, Scale = 10 };
        double[] expected = [10 / Math.Sqrt(2), 90 / Math.Sqrt(82)];
        MamlTests.AssertClose([.. expected, .. expected], Logits(new Linear(2, 1, 0, 0, 1), Support, [1, 1, 3, 3], learner).ToArray<double>(), 1e-10);
    }

    // Multiplying the embeddings by s is multiplying squared distances by s².
    [Fact]
    public void Scale_multiplies_the_similarity()
    {
        var expected = Logits(new Linear(2, 3, 0, 0, 3), Support, [1, 1, 3, 3]);
        MamlTests.AssertClose(expected.ToArray<double>(), Logits(new Linear(2, 1, 0, 0, 1), Support, [1, 1, 3, 3], new() { Scale = 9 }).ToArray<double>(), 1e-10);
    }

    [Theory]
    [InlineData(Similarity.Manhattan)]
    [InlineData(Similarity.Cosine)]
    public void Other_similarities_are_certified(Similarity similarity) =>
        Assert.True(Certificates.Of(new ProtoNet { Similarity = similarity, Scale = 3 }).Holds);

    [Fact]
    public void Regression_is_refused_in_one_sentence()
    {
        var error = Assert.Throws<ArgumentException>(() => Logits(new Linear(1, 1), Linear.Point([1], 0), [1]));
        Assert.Contains("class labels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wants_features_instead_of_a_head() => Assert.Equal(0, new ProtoNet().HeadWidth(5));

    [Fact]
    public void Under_the_episode_policy_prototypes_and_queries_share_one_batch()
    {
        using var random = Generator.Seed(2);
        var model = new Conv4 { Height = 16, Width = 16, Filters = 4, BatchNorm = BatchNormPolicy.Episode };
        var (theta, episode) = (model.Init(random), new FewShotClassification(new SyntheticPool(5, 4, 1, 16, 16), 3, 2, 2).Sample(random));
        var together = model.Forward(theta, Tensor.Cat([episode.Support.Inputs, episode.Query.Inputs])).To(DType.Float64);
        var prototypes = (episode.Support with { Inputs = episode.Support.Inputs.To(DType.Float64) }).ClassMeans(together[..6]);
        var expected = (together[6..].Unsqueeze(1) - prototypes.Unsqueeze(0)).Square().Sum([2]).Neg().ToArray<double>();
        var actual = new ProtoNet().Adapt(model, theta, episode.Support, random).Predict(episode.Query.Inputs).To(DType.Float64).ToArray<double>();
        MamlTests.AssertClose(expected, actual, 1e-4);
    }

    private static Tensor Logits(IModel model, Examples support, double[] queries, ProtoNet? learner = null)
    {
        using var random = Generator.Seed(1);
        var inputs = Tensor.From(queries, queries.Length / support.Inputs.Size(1), support.Inputs.Size(1));
        return (learner ?? new()).Adapt(model, model.Init(random), support, random).Predict(inputs);
    }
}

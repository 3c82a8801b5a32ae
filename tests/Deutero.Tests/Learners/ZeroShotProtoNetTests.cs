using Deutero.Learners;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class ZeroShotProtoNetTests
{
    private static readonly Linear s_identity = new(2, 1, 0, 0, 1);
    private static readonly ZeroShotProtoNet s_learner = new() { Attributes = 2 };
    private static readonly Examples s_query = new(Tensor.From([1.0, 1], 1, 2), Tensor.From([1L]), Ways: 2);

    // With g the identity, (3, 4) and (0, 2) become (.6, .8) and (0, 1), at squared distances .2 and 1 from (1, 1), whose length stays.
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void Logits_are_minus_the_squared_distances_to_attributes_at_unit_length(double length)
    {
        var support = Examples.OfAttributes(Tensor.From([3.0, 4, 0, 2], 2, 2) * length);
        MamlTests.AssertClose([-0.2, -1], Predict(support).ToArray<double>(), 1e-9);
        Assert.Equal((2, 2L), (support.Ways, support.Count));
        Assert.Equal([0L, 1], support.Targets.ToArray<long>());
    }

    [Fact]
    public void Examples_of_the_support_set_are_not_looked_at()
    {
        var attributes = Tensor.From([3.0, 4, 0, 2], 2, 2);
        var support = new Examples(Tensor.From([5.0, 6, 7, 8, 9, 9], 3, 2), Tensor.From([0L, 1, 1]), Ways: 2) { Attributes = attributes };
        Assert.True(Predict(Examples.OfAttributes(attributes)).BitEquals(Predict(support)));
    }

    // −0.2 and −1: the probability of class 1 is 1 / (1 + e^0.8).
    [Fact]
    public void Loss_is_the_cross_entropy_over_all_candidates()
    {
        var episode = new Episode(Examples.OfAttributes(Tensor.From([3.0, 4, 0, 2], 2, 2)), s_query, "by hand");
        Assert.Equal(Math.Log(1 + Math.Exp(0.8)), s_learner.MetaGradient(s_identity, Theta, episode, Generator.Seed(1)).Loss.ToDouble(), 1e-9);
    }

    [Fact]
    public void Attributes_that_are_missing_or_of_another_number_are_refused_in_one_sentence()
    {
        var bare = new Examples(Tensor.Zeros([2, 2], DType.Float64), Tensor.From([0L, 1]), Ways: 2);
        Assert.Equal(
            "ZeroShotProtoNet needs attributes of the classes, but the support set has none: set data.attributes.",
            Assert.Throws<ArgumentException>(() => Predict(bare)).Message);
        Assert.Equal(
            "ZeroShotProtoNet was made for 2 attributes of a class but found 5: set learner.attributes=5.",
            Assert.Throws<ArgumentException>(() => Predict(Examples.OfAttributes(Tensor.Zeros([2, 5], DType.Float64)))).Message);
        Assert.Contains("class labels", Assert.Throws<ArgumentException>(() => Predict(Linear.Point([1, 1], 0))).Message, StringComparison.Ordinal);
    }

    private static Parameters Theta => s_learner.Init(s_identity, Generator.Seed(1)).Map((name, leaf) => name switch
    {
        "attributes.embedding.weight" => Tensor.Eye(2, DType.Float64),
        "attributes.embedding.bias" => Tensor.Zeros([2], DType.Float64),
        _ => leaf,
    });

    private static Tensor Predict(Examples support) => s_learner.Adapt(s_identity, Theta, support, Generator.Seed(1)).Predict(s_query.Inputs);
}

using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class InContextLearnerTests
{
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [6], Outputs = 3 };
    private static readonly InContextLearner s_learner = new() { Width = 8, Layers = 2, Heads = 2 };

    private static Parameters Theta => s_learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);

    private static Episode Sample(int ways = 3) => new Nuisance20(ways, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);

    [Fact]
    public void Blocks_begin_as_the_identity()
    {
        var tokens = Generator.Seed(2).Normal([5, 8], dtype: DType.Float64);
        Assert.True(tokens.BitEquals(s_learner.Apply(Theta.Under("context.block1"), tokens, 3)));
    }

    // One head, keys of zero: every support example and the token itself count alike. The values are the normalised tokens themselves, the second layer is silent.
    [Fact]
    public void Without_keys_a_query_sees_the_mean_of_the_support_and_of_itself()
    {
        var learner = s_learner with { Heads = 1 };
        var identity = Tensor.Eye(8, DType.Float64);
        var block = Theta.Under("context.block1").Map((name, leaf) => name switch
        {
            "key.weight" or "key.bias" or "value.bias" => leaf.ZerosLike(),
            "value.weight" or "output.weight" => identity,
            _ => leaf,
        });
        var tokens = Generator.Seed(2).Normal([5, 8], dtype: DType.Float64);
        var normal = Dense.Norm(block, "before", tokens);
        var support = normal[0..3].Sum([0], keepdim: true);
        var expected = tokens + Tensor.Cat([(support / 3).Expand([3, 8]), (support + normal[3..5]) / 4]);
        MamlTests.AssertClose(expected.ToArray<double>(), learner.Apply(block, tokens, 3).ToArray<double>(), 1e-12);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Keys_begin_as_queries_where_they_should(bool twins)
    {
        var block = (s_learner with { TwinKeys = twins }).Init(s_model, Generator.Seed(1)).Under("context.block2");
        Assert.Equal(twins, block["query.weight"].BitEquals(block["key.weight"]));
        Assert.False(block["query.weight"].BitEquals(block["value.weight"]));
    }

    [Fact]
    public void Network_of_three_classes_serves_two_and_refuses_four()
    {
        var episode = Sample();
        var two = new Examples(episode.Support.Inputs[0..4], episode.Support.Targets[0..4], Ways: 2);
        Assert.Equal([6L, 2], s_learner.Adapt(s_model, Theta, two, Generator.Seed(1)).Predict(episode.Query.Inputs).Shape);
        var error = Assert.Throws<ArgumentException>(() => s_learner.Adapt(s_model, Theta, Sample(4).Support, Generator.Seed(1)));
        Assert.Contains("4 classes", error.Message, StringComparison.Ordinal);
        Assert.Contains("3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_are_read_as_multiples_of_the_last_layers_row()
    {
        var model = new Mlp { Inputs = 2, Hidden = [], Outputs = 1 };
        Parameters head = [new("linear1.weight", Tensor.From([3.0, -1], 1, 2)), new("linear1.bias", Tensor.From([0.5]))];
        var codes = LabelCodes.Of(model, head, Linear.Point([1, 1], 2));
        MamlTests.AssertClose([6, -2], codes.Of(Linear.Point([1, 1], 2)).ToArray<double>());
        MamlTests.AssertClose([3 - 2 + 0.5], codes.Predict(Tensor.From([1.0, 2], 1, 2)).ToArray<double>());
    }

    [Fact]
    public void Impossible_settings_are_refused()
    {
        Assert.Contains("multiple", Assert.Throws<ArgumentException>(() => new InContextLearner { Width = 6 }.Init(s_model, Generator.Seed(1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new InContextLearner { Layers = 0 });
    }
}

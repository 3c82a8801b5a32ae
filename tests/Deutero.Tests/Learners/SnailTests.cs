using Deutero.Learners;
using Deutero.Models;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class SnailTests
{
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [6], Outputs = 3 };
    private static readonly Snail s_learner = new() { Filters = 4, Keys = 3, Values = 2, Longest = 6 };

    private static Parameters Weights => s_learner.Init(s_model, Generator.Seed(1)).To(DType.Float64).Under("snail");

    private static Tensor Draw(int seed, params long[] shape) => Generator.Seed((ulong)seed).Normal(shape, dtype: DType.Float64);

    // Each block of convolutions over up to seven items has rates 1, 2 and 4, and adds as many times its filters; attention adds the width of its values.
    [Fact]
    public void Channels_grow_as_the_blocks_say()
    {
        Assert.Equal([3L, 12], Weights["attention1.query.weight"].Shape);
        Assert.Equal([8L, 2 * (12 + 2)], Weights["convolution1.rate1.weight"].Shape);
        Assert.Equal([8L, 2 * (12 + 2 + 8)], Weights["convolution1.rate4.weight"].Shape);
        Assert.Equal([12L, 12 + 2 + 12], Weights["attention2.query.weight"].Shape);
        Assert.Equal([24L, 12 + 2 + 12 + 8 + 12], Weights["attention3.query.weight"].Shape);
        Assert.Equal([6L, 12 + 2 + 12 + 8 + 12 + 16], Weights["answer.weight"].Shape);
    }

    // A score q·k of two items is then an inner product of one projection of them.
    [Fact]
    public void Untrained_attention_compares_items()
    {
        foreach (var block in Enumerable.Range(1, 3).Select(block => Weights.Under($"attention{block}")))
        {
            Assert.Equal(block["query.weight"].ToArray<double>(), block["key.weight"].ToArray<double>());
            Assert.Equal(block["query.bias"].ToArray<double>(), block["key.bias"].ToArray<double>());
        }
    }

    // The item at t and that at t − m, and no other.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Convolution_sees_an_item_and_the_one_as_far_before_it_as_its_rate(int rate)
    {
        Parameters weights = [new("c.weight", Draw(1, 4, 6)), new("c.bias", Draw(2, 4))];
        var items = Draw(3, 5, 3);
        var before = Snail.Convolve(weights, "c", rate, items, support: 3);
        var moved = items + Tensor.From([0.0, 1, 0, 0, 0]).Unsqueeze(1); // the item at 1
        var after = Snail.Convolve(weights, "c", rate, moved, support: 3);
        var changed = (after - before).Narrow(1, 3, 2).Abs().Sum([1]).ToArray<double>();
        Assert.Equal([false, true, rate == 1, rate == 2, rate == 2], changed.Select(value => value > 0)); // both queries are at 3
    }

    // As if each query were the last row of a sequence of its own, whose attention to what comes later is cut off.
    [Fact]
    public void Attention_is_that_of_whole_sequences()
    {
        var weights = Dense.Linear(Generator.Seed(5), "query", 3, 2).With(Dense.Linear(Generator.Seed(6), "key", 3, 2)).With(Dense.Linear(Generator.Seed(7), "value", 3, 4)).To(DType.Float64);
        var (past, last) = (Draw(3, 3, 3), Draw(4, 2, 3));
        var actual = Snail.Attend(weights, Tensor.Cat([past, last]), support: 3);
        for (var query = 0; query < 2; query++)
        {
            var sequence = Tensor.Cat([past, last[query..(query + 1)]]);
            var (q, k, v) = (Dense.Linear(weights, "query", sequence), Dense.Linear(weights, "key", sequence), Dense.Linear(weights, "value", sequence));
            var scores = (q.Matmul(k.T()) / Math.Sqrt(2)).Exp().Tril();
            var expected = Tensor.Cat([sequence, (scores / scores.Sum([1], keepdim: true)).Matmul(v)], 1);
            MamlTests.AssertClose(expected[0..3].ToArray<double>(), actual[0..3].ToArray<double>(), 1e-12);
            MamlTests.AssertClose(expected[3].ToArray<double>(), actual[3 + query].ToArray<double>(), 1e-12);
        }

        // The first item can attend to itself alone.
        MamlTests.AssertClose(Dense.Linear(weights, "value", past)[0].ToArray<double>(), actual[0].Narrow(0, 3, 4).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Attention_without_values_adds_channels_of_zero()
    {
        var weights = Weights.Under("attention1").Map((name, leaf) => name.StartsWith("value", StringComparison.Ordinal) ? leaf.ZerosLike() : leaf);
        Assert.True(Tensor.Cat([Draw(3, 5, 12), Tensor.Zeros([5, 2], DType.Float64)], 1).BitEquals(Snail.Attend(weights, Draw(3, 5, 12), support: 3)));
    }

    [Fact]
    public void Longer_support_sets_and_impossible_settings_are_refused()
    {
        var episode = new Nuisance20(3, 3, 1).Sample(Generator.Seed(3));
        var error = Assert.Throws<ArgumentException>(() => s_learner.Adapt(s_model, s_learner.Init(s_model, Generator.Seed(1)), episode.Support, Generator.Seed(1)));
        Assert.Contains("9 examples", error.Message, StringComparison.Ordinal);
        Assert.Contains("FirstRate", Assert.Throws<ArgumentOutOfRangeException>(() => new Snail { FirstRate = 3 }).Message, StringComparison.Ordinal);
    }
}

using Deutero.Compression;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Torch.Tests.Distributed;
using Deutero.Training;

namespace Deutero.Tests.Compression;

public sealed class CompressionTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"deutero-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Bfloat16_is_within_two_roundings_of_the_sum_and_the_same_bits_in_every_rank()
    {
        var exact = Sums(3, new None(), rounds: 1)[0];
        var sums = Sums(3, new Bfloat16(), rounds: 1);
        Assert.All(sums, sum => Assert.Equal(sums[0], sum));
        var size = Magnitudes(3);
        Assert.All(Enumerable.Range(0, 1001), i => Assert.InRange(Math.Abs(sums[0][i] - exact[i]), 0, 2 * size[i] / 256)); // half a unit of 8 bits, twice
        Assert.NotEqual(exact, sums[0]);
    }

    [Fact]
    public void Top_k_of_everything_is_the_sum() =>
        Assert.All(Sums(3, new TopK { Fraction = 1 }, rounds: 1).Zip(Sums(3, new None(), rounds: 1)), pair =>
            Assert.All(pair.First.Zip(pair.Second), values => Assert.Equal(values.Second, values.First, 1e-5f)));

    [Fact]
    public void Top_k_sends_the_largest_elements_and_keeps_the_others_for_later()
    {
        var kept = RankThreads.Run(2, group =>
        {
            using var scope = new TensorScope();
            var compression = new TopK { Fraction = 0.4 };
            var vector = group.Rank == 0 ? Tensor.From([1f, -5, 2, 4, 0]) : Tensor.From([3f, 0, 0, 1, -2]);
            var (sum, state) = compression.Sum(group, vector, compression.Init(Parameters.Create([KeyValuePair.Create("weight", vector)])));
            Assert.Equal([3f, -5, 0, 4, -2], sum.ToArray<float>());
            return state["residual"].ToArray<float>();
        });
        Assert.Equal([[1f, 0, 2, 0, 0], [0f, 0, 0, 1, 0]], kept);
    }

    [Fact]
    public void What_top_k_holds_back_is_sent_in_the_end()
    {
        // In forty rounds of one element in ten, every element's turn comes; what is not sent yet is less than the largest of ten rounds.
        var exact = Sums(2, new None(), rounds: 1)[0];
        var sent = Sums(2, new TopK { Fraction = 0.1 }, rounds: 40)[0];
        var size = Magnitudes(2).Max();
        Assert.All(exact.Zip(sent), pair => Assert.InRange(Math.Abs((40 * pair.First) - pair.Second), 0, 2 * 10 * size));
        Assert.True(exact.Zip(sent).Sum(pair => Math.Abs((40 * pair.First) - pair.Second)) < 0.25 * exact.Sum(value => Math.Abs(40 * value)));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void A_fraction_that_is_none_is_refused(double fraction) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TopK { Fraction = fraction });

    [Fact]
    public void Another_number_of_ranks_inherits_what_is_held_back()
    {
        var training = new MetaTraining
        {
            Learner = new Reptile { InnerAdam = false, Steps = 2 }, Model = new Mlp().WithShape([1], 1), Tasks = new Sinusoid(),
            Settings = new() { Iterations = 4, MetaBatch = 3, Threads = 1, ValidateEvery = 0, Execution = Execution.Loop, Compression = new TopK { Fraction = 0.01 } },
        };
        TrainingState Run(int ranks, Func<TrainingState> start)
        {
            RankThreads.Run(ranks, group => (training with { Group = group }).Run(start(), group.Rank == 0 ? state => state.Save(_path, "") : null));
            return TrainingState.Load(_path, "");
        }

        var two = Run(2, () => training.Start());
        var three = Run(3, () => TrainingState.Load(_path, ""));
        Assert.Equal((2, 3), (two.Residual["residual"].Size(0), three.Residual["residual"].Size(0)));
        var (before, after) = (two.Residual["residual"].Sum([0]).ToArray<float>(), three.Residual["residual"].Sum([0]).ToArray<float>());
        Assert.Contains(before, value => value != 0);
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    private static float[] Own(int rank)
    {
        using var random = Generator.Seed(11).Derive(rank);
        return random.Normal([1001]).ToArray<float>();
    }

    private static float[] Magnitudes(int size) => [.. Enumerable.Range(0, 1001).Select(i => Enumerable.Range(0, size).Sum(rank => Math.Abs(Own(rank)[i])))];

    // What the ranks' vectors add up to over some rounds, as each rank sees it.
    private static float[][] Sums(int size, IGradientCompression compression, int rounds) => RankThreads.Run(size, group =>
    {
        using var scope = new TensorScope();
        var total = Tensor.Zeros([1001]);
        var state = compression.Init(Parameters.Create([KeyValuePair.Create("weight", total)]));
        for (var round = 0; round < rounds; round++)
        {
            (var sum, state) = compression.Sum(group, Tensor.From(Own(group.Rank)).To(DType.Float64), state);
            total += sum.To(DType.Float32);
        }

        return total.ToArray<float>();
    });
}

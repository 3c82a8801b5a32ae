using Deutero.Learners;
using Deutero.Models;
using Deutero.Testing;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

/// <summary>The memory-augmented networks, with dense and with sparse access.</summary>
public sealed class MemoryTests
{
    private const int Slots = 8;
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [6], Outputs = 3 };
    private static readonly Mann s_dense = new() { Hidden = 6, Slots = Slots, Width = 4, Heads = 2 };
    private static readonly SparseAccessMemory s_sparse = new() { Hidden = 6, Slots = Slots, Width = 4, Heads = 2, Reads = 3 };
    private static readonly MemoryNetwork s_network = new(6, Slots, 4, 2);

    private static Tensor Draw(int seed, params long[] shape) => Generator.Seed((ulong)seed).Normal(shape, dtype: DType.Float64);

    private static Parameters Start => s_network.Start(Tensor.Zeros([1], DType.Float64));

    // The same gates for both heads.
    private static Tensor Gates(params double[] values) => Tensor.From([.. values, .. values], 1, 2, values.Length);

    // U_t = γ U_{t − 1} + 2 R, and all that is read sums to 1.
    [Fact]
    public void Total_usage_obeys_its_recurrence()
    {
        var state = Start;
        for (var step = 0; step < 4; step++)
        {
            var before = state["usage"].Sum().ToDouble();
            (_, state) = s_dense.Access(state, Draw(step, 1, 2, 4), Draw(step + 10, 1, 2, 4), Draw(step + 20, 1, 2, 1));
            Assert.Equal((0.95 * before) + 4, state["usage"].Sum().ToDouble(), 1e-12);
            MamlTests.AssertClose([1, 1], state["weights"].Sum([2]).ToArray<double>(), 1e-12);
        }
    }

    // With the gate shut, head 1 writes to the least used slot, head 2 to the next: at first 1 and 2, as slot 0 counts as read.
    [Fact]
    public void Least_used_slots_are_written_to_and_the_first_of_them_is_erased()
    {
        var words = Draw(1, 1, 2, 4);
        var (_, state) = s_dense.Access(Start, Draw(2, 1, 2, 4), words, Gates(-1000));
        var memory = state["memory"].ToArray<double>().Chunk(4).ToArray();
        MamlTests.AssertClose([.. words.ToArray<double>()[..4]], memory[1], 1e-12);
        MamlTests.AssertClose([.. words.ToArray<double>()[4..].Select(value => value + 1e-6)], memory[2], 1e-12);
        Assert.All(memory.Where((_, slot) => slot is not (1 or 2)), row => MamlTests.AssertClose([1e-6, 1e-6, 1e-6, 1e-6], row, 1e-15));
    }

    [Fact]
    public void With_the_gate_open_heads_write_where_they_read_last()
    {
        var words = Draw(1, 1, 2, 4);
        var (_, state) = s_dense.Access(Start, Draw(2, 1, 2, 4), words, Gates(1000));
        var memory = state["memory"].ToArray<double>().Chunk(4).ToArray();
        MamlTests.AssertClose([.. words.Sum([1]).ToArray<double>().Select(value => value + 1e-6)], memory[0], 1e-12);
        MamlTests.AssertClose([0, 0, 0, 0], memory[1], 1e-15);
    }

    // A key that was written is found again: with a strength, nearly alone.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reading_is_by_content(bool strength)
    {
        var words = Tensor.From([1.0, 0, 0, 0, 0, 1, 0, 0], 1, 2, 4);
        var (read, state) = (s_dense with { Strength = strength }).Access(Start, words, words, strength ? Gates(-1000, 20) : Gates(-1000));
        var weights = state["weights"].ToArray<double>().Chunk(Slots).ToArray();
        Assert.Equal(1, Array.IndexOf(weights[0], weights[0].Max()));
        Assert.Equal(2, Array.IndexOf(weights[1], weights[1].Max()));
        Assert.Equal(strength, read.ToArray<double>()[0] > 0.99);
    }

    [Fact]
    public void All_slots_read_sparsely_are_read_densely()
    {
        var all = s_sparse with { Reads = Slots };
        var state = Start;
        for (var step = 0; step < 3; step++)
        {
            (var read, state) = all.Access(state, Draw(step, 1, 2, 4), Draw(step + 10, 1, 2, 4), Draw(step + 20, 1, 2, 3));
            var strength = 1 + Draw(step + 20, 1, 2, 3).Narrow(2, 2, 1).Softplus();
            var weights = (MemoryNetwork.Cosines(Draw(step, 1, 2, 4), state["memory"]) * strength).Softmax(-1);
            MamlTests.AssertClose(weights.ToArray<double>(), state["weights"].ToArray<double>(), 1e-12);
            MamlTests.AssertClose(weights.Matmul(state["memory"]).ToArray<double>(), read.ToArray<double>(), 1e-12);
        }
    }

    [Fact]
    public void Slots_that_are_not_touched_keep_their_bits_and_get_no_gradient()
    {
        const int Many = 20;
        var learner = s_sparse with { Slots = Many };
        var start = new MemoryNetwork(6, Many, 4, 2).Start(Tensor.Zeros([1], DType.Float64));
        var (_, state) = learner.Access(start, Draw(1, 1, 2, 4), Draw(2, 1, 2, 4), Draw(3, 1, 2, 3));
        state = state.With([new("memory", Draw(7, 1, Many, 4))]);
        (Tensor Read, Parameters State) Step(Tensor memory) => learner.Access(state.With([new("memory", memory)]), Draw(4, 1, 2, 4), Draw(5, 1, 2, 4), Draw(6, 1, 2, 3));
        var next = Step(state["memory"]).State;
        var free = state["usage"].Topk(2, dim: -1, largest: false).Item2.ToArray<long>();
        var (written, read) = (state["weights"].Sum([1]).ToArray<double>(), next["weights"].Sum([1]).ToArray<double>());
        var unwritten = Enumerable.Range(0, Many).Where(slot => written[slot] == 0 && !free.Contains(slot)).ToArray();
        Assert.All(unwritten, slot => Assert.True(state["memory"][0][slot].BitEquals(next["memory"][0][slot])));
        var gradient = Transforms.Grad(memory => Step(memory).Read.Square().Sum(), state["memory"]);
        var untouched = unwritten.Where(slot => read[slot] == 0).ToArray();
        Assert.InRange(untouched.Length, Many - 14, Many); // six are read before, six after, and two are erased
        Assert.All(untouched, slot => Assert.Equal(0, gradient[0][slot].Abs().Sum().ToDouble()));
        Assert.Contains(gradient[0].ToArray<double>(), value => value != 0);
    }

    // With α = 0 nothing is written: the slots that were accessed longest ago are lost, all others stay.
    [Fact]
    public void Without_writing_memory_loses_only_what_is_erased()
    {
        var state = Start.With([new("memory", Draw(7, 1, Slots, 4))]);
        var (_, next) = s_sparse.Access(state, Draw(4, 1, 2, 4), Draw(5, 1, 2, 4), Gates(-1000, 0, 0));
        foreach (var slot in Enumerable.Range(0, Slots))
        {
            var expected = slot is 1 or 2 ? state["memory"][0][slot].ZerosLike() : state["memory"][0][slot];
            MamlTests.AssertClose(expected.ToArray<double>(), next["memory"][0][slot].ToArray<double>(), 0);
        }
    }

    [Fact]
    public void Stamps_say_when_a_slot_was_accessed_last()
    {
        var (_, state) = s_sparse.Access(Start, Draw(1, 1, 2, 4), Draw(2, 1, 2, 4), Draw(3, 1, 2, 3));
        var accessed = state["weights"].Sum([1]).ToArray<double>();
        var stamps = state["usage"].ToArray<double>();
        Assert.All(Enumerable.Range(0, Slots), slot => Assert.True(accessed[slot] <= 0.005 || stamps[slot] > 1.5));
        Assert.Contains(stamps, stamp => stamp < 1e-3);
    }

    // Late, the label of the last example is seen by the query alone.
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Every_label_reaches_the_predictions(int example)
    {
        foreach (var learner in new IMetaLearner[] { s_dense, s_sparse, s_dense with { LateLabels = true }, s_sparse with { LateLabels = true } })
        {
            var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
            var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);
            var labels = episode.Support.Targets.ToArray<long>();
            labels[example] = (labels[example] + 1) % 3;
            double[] Predict(Deutero.Tasks.Examples support) => learner.Adapt(s_model, theta, support, Generator.Seed(2)).Predict(episode.Query.Inputs).ToArray<double>();
            Assert.NotEqual(Predict(episode.Support), Predict(episode.Support with { Targets = Tensor.From(labels) }));
        }
    }

    [Fact]
    public void Impossible_settings_are_refused()
    {
        Assert.Contains("slot", Assert.Throws<ArgumentException>(() => new Mann { Slots = 3 }.Init(s_model, Generator.Seed(1))).Message, StringComparison.Ordinal);
        Assert.Contains("slots", Assert.Throws<ArgumentException>(() => new SparseAccessMemory { Slots = 4, Reads = 5 }.Init(s_model, Generator.Seed(1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Mann { Decay = 1 });
    }

    [Fact]
    public void Memories_that_write_their_keys_have_no_words_and_are_certified()
    {
        IMetaLearner[] learners = [s_dense with { WritesKeys = true }, s_sparse with { WritesKeys = true }];
        Assert.All(learners, learner =>
        {
            Assert.DoesNotContain(learner.Init(s_model, Generator.Seed(1)).Names, name => name.Contains("word", StringComparison.Ordinal));
            Assert.True(Certificates.Of(learner).Holds);
        });
    }
}

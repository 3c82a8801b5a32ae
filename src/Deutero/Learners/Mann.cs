using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>A memory-augmented neural network: an LSTM binds inputs to labels in an external memory that lives for one task.</summary>
/// <remarks>
/// <para>The support set is read as a sequence in a random order, a query is the next step: with one shot its prediction is that at the second presentation of
/// its class. Each head reads by the softmax of the cosines of its key with all slots, and writes, by a learned gate, to where it read last or to a least used
/// slot; the very least used slot is erased. Usage is a decaying sum of all reading and writing.</para>
/// <para><b>Differs from the paper:</b> the outer loop descends along the loss of the queries, after a complete support set, instead of that of all steps of a
/// sequence of any order. So a label can stand beside its example, where the paper's comes one step later (<see cref="LateLabels"/>), which is far harder to
/// learn. Labels enter as the rows of the model's last layer instead of one-hot, and what is written has weights of its own (<see cref="WritesKeys"/>).</para>
/// </remarks>
[Paper("Santoro, Bartunov, Botvinick, Wierstra and Lillicrap: Meta-Learning with Memory-Augmented Neural Networks", "ICML 2016", "https://proceedings.mlr.press/v48/santoro16.html")]
[Sequential]
public sealed record Mann : IMetaLearner
{
    /// <summary>The width of the LSTM, at least 1; default 200, the paper's.</summary>
    public int Hidden { get; init => field = Setting.AtLeast(value, 1, nameof(Hidden)); } = 200;

    /// <summary>The slots of the memory, at least as many as heads; default 128, the paper's.</summary>
    public int Slots { get; init => field = Setting.AtLeast(value, 1, nameof(Slots)); } = 128;

    /// <summary>The width of a slot, at least 1; default 40, the paper's.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 40;

    /// <summary>The heads that read and write, at least 1; default 4, the paper's.</summary>
    public int Heads { get; init => field = Setting.AtLeast(value, 1, nameof(Heads)); } = 4;

    /// <summary>What usage is multiplied by in each step, at least 0 and below 1; default 0.95, the paper's.</summary>
    public double Decay { get; init => field = Setting.Fraction(value, nameof(Decay)); } = 0.95;

    /// <summary>
    /// Whether cosines are multiplied by a learned strength, as in the neural Turing machine; default false, the paper's. Without, a read is spread over all slots and
    /// training is slow.
    /// </summary>
    public bool Strength { get; init; }

    /// <summary>Whether a label is seen one step after its example, as in the paper, instead of beside it; default false.</summary>
    public bool LateLabels { get; init; }

    /// <summary>Whether a head writes the key that it reads with, as in the paper, instead of a word of its own, as in the public port; default false.</summary>
    public bool WritesKeys { get; init; }

    private MemoryNetwork Network => new(Hidden, Slots, Width, Heads, LateLabels, WritesKeys);

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There are more heads than slots.</exception>
    public Parameters Init(IModel model, Generator random) =>
        Heads <= Slots
            ? Network.Init(model, random, gates: Strength ? 2 : 1, Strength)
            : throw new ArgumentException($"Each of the {Heads} heads needs a slot to write to, but there are {Slots}.");

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The episode has more classes than those that the network was trained with.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Network.Adapt(model, theta, support, random, Access);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.Standard, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // Least recently used access: w_w = σ w_r + (1 − σ) w_lu, then a read by content of what is there afterwards.
    internal (Tensor Read, Parameters State) Access(Parameters state, Tensor keys, Tensor words, Tensor gates)
    {
        var (memory, usage) = (state["memory"], state["usage"]); // [B, S, W], [B, S]
        var least = usage.Detach().Topk(Heads, dim: -1, largest: false).Item2; // [B, R]
        var free = least.Unsqueeze(-1).Eq(Tensor.Arange(0, Slots, 1, DType.Int64, memory.Device)).To(memory.DType); // [B, R, S]
        var gate = gates.Narrow(2, 0, 1).Sigmoid();
        var write = (gate * state["weights"]) + ((1 - gate) * free);
        memory = (memory * (1 - free.Select(1, 0).Unsqueeze(-1))) + write.Transpose(1, 2).Matmul(words);
        var cosines = MemoryNetwork.Cosines(keys, memory);
        var weights = (Strength ? cosines * (1 + gates.Narrow(2, 1, 1).Softplus()) : cosines).Softmax(-1); // [B, R, S]
        Parameters next = [new("memory", memory), new("weights", weights), new("usage", (Decay * usage) + weights.Sum([1]) + write.Sum([1]))];
        return (weights.Matmul(memory), next);
    }
}

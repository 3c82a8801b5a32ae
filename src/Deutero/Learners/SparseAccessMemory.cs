using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Sparse access memory: a memory-augmented network of which a step reads and writes only a few slots, however many there are.</summary>
/// <remarks>
/// <para>As <see cref="Mann"/>, but a head reads the few slots that are most similar to its key, with the softmax over these alone, and writes
/// α (γ w_r + (1 − γ) 1_u), with w_r where it read last and u the slot that was accessed longest ago, which is erased first. All other slots stay as they are,
/// bit by bit, and receive no gradient.</para>
/// <para><b>Differs from the paper:</b> the most similar slots are found by comparing all, which is right up to some thousands of slots, and memories of earlier steps
/// are kept instead of being rolled back: so weights are sparse, but time and memory are not. See <see cref="Mann"/> for how labels enter and what
/// is trained on.</para>
/// </remarks>
[Paper("Rae, Hunt, Harley, Danihelka, Senior, Wayne, Graves and Lillicrap: Scaling Memory-Augmented Neural Networks with Sparse Reads and Writes", "NeurIPS 2016", "https://arxiv.org/abs/1610.09027")]
[Sequential]
public sealed record SparseAccessMemory : IMetaLearner
{
    // What an access has to weigh to count as one: the paper's δ.
    private const double Negligible = 0.005;
    private const double Tie = 1e-4;

    /// <summary>The width of the LSTM, at least 1; default 200.</summary>
    public int Hidden { get; init => field = Setting.AtLeast(value, 1, nameof(Hidden)); } = 200;

    /// <summary>The slots of the memory, at least as many as heads and as a head reads; default 512.</summary>
    public int Slots { get; init => field = Setting.AtLeast(value, 1, nameof(Slots)); } = 512;

    /// <summary>The width of a slot, at least 1; default 32.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 32;

    /// <summary>The heads that read and write, at least 1; default 4.</summary>
    public int Heads { get; init => field = Setting.AtLeast(value, 1, nameof(Heads)); } = 4;

    /// <summary>The slots that a head reads, at least 1; default 4, the paper's.</summary>
    public int Reads { get; init => field = Setting.AtLeast(value, 1, nameof(Reads)); } = 4;

    /// <summary>Whether a label is seen one step after its example, as in the paper, instead of beside it; default false.</summary>
    public bool LateLabels { get; init; }

    /// <summary>Whether a head writes the key that it reads with, instead of a word of its own, which makes it easier to learn what to look for; default false, the paper's.</summary>
    public bool WritesKeys { get; init; }

    private MemoryNetwork Network => new(Hidden, Slots, Width, Heads, LateLabels, WritesKeys);

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There are more heads, or more slots that a head reads, than slots.</exception>
    public Parameters Init(IModel model, Generator random) =>
        Math.Max(Heads, Reads) <= Slots
            ? Network.Init(model, random, gates: 3, strength: true)
            : throw new ArgumentException($"{Heads} heads that read {Reads} slots need as many slots, but there are {Slots}.");

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The episode has more classes than those that the network was trained with.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Network.Adapt(model, theta, support, random, Access);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.Standard, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // Gates are α, γ and the strength of similarities.
    internal (Tensor Read, Parameters State) Access(Parameters state, Tensor keys, Tensor words, Tensor gates)
    {
        var (memory, stamps) = (state["memory"], state["usage"]); // [B, S, W], [B, S]: when a slot was accessed last
        var places = Tensor.Arange(0, Slots, 1, DType.Int64, memory.Device);

        // Slots of one step have one stamp, a whole number but for the start's tie: the first of equals is taken, on every machine.
        var oldest = (stamps + (places.To(stamps.DType) / (2.0 * Slots))).Topk(Heads, dim: -1, largest: false).Item2; // [B, R]
        var free = oldest.Unsqueeze(-1).Eq(places).To(memory.DType); // [B, R, S]
        var (alpha, gamma) = (gates.Narrow(2, 0, 1).Sigmoid(), gates.Narrow(2, 1, 1).Sigmoid());
        var write = alpha * ((gamma * state["weights"]) + ((1 - gamma) * free));
        memory = (memory * (1 - free.Sum([1]).Unsqueeze(-1))) + write.Transpose(1, 2).Matmul(words);

        // Which slots are read is no matter of gradients, nor, among equal ones, of rounding.
        var cosines = MemoryNetwork.Cosines(keys, memory) * (1 + gates.Narrow(2, 2, 1).Softplus());
        var nearest = (cosines.Detach() - (Tie / Slots * places.To(memory.DType))).Topk(Reads).Item2; // [B, R, K]
        var sparse = cosines.Gather(2, nearest).Softmax(-1);
        var rows = memory.Unsqueeze(1).Expand([memory.Size(0), Heads, Slots, Width]).Gather(2, nearest.Unsqueeze(-1).Expand([memory.Size(0), Heads, Reads, Width]));
        var weights = cosines.ZerosLike().ScatterAdd(2, nearest, sparse); // [B, R, S]
        Parameters next = [new("memory", memory), new("weights", weights), new("usage", Stamped(stamps, weights, write))];
        return ((sparse.Unsqueeze(-1) * rows).Sum([2]), next);
    }

    // One step later than the latest stamp, where an access was not negligible.
    private static Tensor Stamped(Tensor stamps, Tensor read, Tensor write)
    {
        var now = stamps.Amax([1], keepdim: true) + 1;
        var accessed = (read.Sum([1]) + write.Sum([1])).Detach().Gt(Negligible).To(stamps.DType);
        return (accessed * now) + ((1 - accessed) * stamps);
    }
}

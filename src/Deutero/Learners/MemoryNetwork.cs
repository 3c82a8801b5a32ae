using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>What the memory-augmented networks share: an LSTM that reads a sequence and has an external memory beside it.</summary>
/// <remarks>
/// A step sees the features of an example beside the code of its label, and a query those beside zeros. With late labels, which the papers need because they ask
/// for a prediction at every step, it is the label of the example before: a query sees that of the last support example.
/// </remarks>
/// <param name="Hidden">The width of the LSTM.</param>
/// <param name="Slots">The slots of the memory.</param>
/// <param name="Width">The width of a slot.</param>
/// <param name="Heads">The heads that read and write.</param>
/// <param name="LateLabels">Whether a label comes one step after its example.</param>
/// <param name="WritesKeys">Whether a head writes the key that it reads with, instead of a word of its own.</param>
internal sealed record MemoryNetwork(int Hidden, int Slots, int Width, int Heads, bool LateLabels = false, bool WritesKeys = false)
{
    internal const string Prefix = "memory";
    private const double Empty = 1e-6;

    // What a strength, 1 + softplus(s), begins with, but for 1: so great that a key that is in memory is found there among many slots.
    private const float FirstStrength = 8;

    // Slots that were never used are taken in their order.
    private const double Tie = 1e-4;

    /// <summary>How a memory is written and read: from the state, the keys and words [B, R, W] and the gates [B, R, G], what was read [B, R, W] and the next state.</summary>
    internal delegate (Tensor Read, Parameters State) Access(Parameters state, Tensor keys, Tensor words, Tensor gates);

    // With some gates from each head, of which the last may be the strength of its reading.
    internal Parameters Init(IModel model, Generator random, int gates, bool strength)
    {
        var own = model.Init(random);
        var features = LabelCodes.Width(own);
        var cell = CoordinateLstm.Init(random, (2 * features) + (Heads * Width), Hidden, layers: 1, 1 / Math.Sqrt(Hidden));
        var bias = Tensor.From([.. Enumerable.Repeat(Enumerable.Range(1, gates).Select(gate => strength && gate == gates ? FirstStrength : 0f), Heads).SelectMany(head => head)]);
        var gate = Dense.Linear(random, "gate", Hidden, Heads * gates).Map((name, leaf) => name == "gate.bias" ? leaf + bias : leaf);
        var words = WritesKeys ? Parameters.Empty : Dense.Linear(random, "word", Hidden, Heads * Width);
        return cell.With(Dense.Linear(random, "key", Hidden, Heads * Width)).With(words)
            .With(gate).With(Dense.Linear(random, "answer", Hidden + (Heads * Width), features)).Prefixed(Prefix).With(own);
    }

    internal Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random, Access access)
    {
        var (codes, weights) = (LabelCodes.Of(model, Episodic.OfModel(theta, Prefix), support), theta.Under(Prefix));
        var order = Sequences.Order(random, support.Count, support.Inputs.Device);
        return new([codes.OnFeatures(support, features => queries =>
        {
            var (inputs, labels) = (features.IndexSelect(0, order), codes.Of(support).IndexSelect(0, order));
            var (last, none) = (labels.Narrow(0, support.Count - 1, 1), labels.Narrow(0, 0, 1).ZerosLike());
            var seen = LateLabels ? Tensor.Cat([none, labels.Narrow(0, 0, support.Count - 1)]) : labels;
            var ends = Tensor.Cat([queries, (LateLabels ? last : none).Expand([queries.Size(0), last.Size(1)])], 1);
            return codes.Predict(Sequences.Read(Start(features), Tensor.Cat([inputs, seen], 1), ends, (state, item) => Step(weights, state, item, access)));
        })]);
    }

    // All but empty, with the first slot as the one that was read last.
    internal Parameters Start(Tensor like)
    {
        Tensor Zeros(params long[] shape) => Tensor.Zeros(shape, like.DType, like.Device);
        var places = Tensor.Arange(0, Slots, 1, like.DType, like.Device);
        var first = places.Eq(0).To(like.DType);
        return
        [
            new("output1", Zeros(1, Hidden)), new("cell1", Zeros(1, Hidden)), new("read", Zeros(1, Heads * Width)), new("memory", Zeros(1, Slots, Width) + Empty),
            new("weights", first.Reshape([1, 1, Slots]).Expand([1, Heads, Slots])), new("usage", (first + (Tie * places / Slots)).Unsqueeze(0)),
        ];
    }

    private (Tensor Answer, Parameters State) Step(Parameters weights, Parameters state, Tensor items, Access access)
    {
        Parameters lstm = [new("output1", state["output1"]), new("cell1", state["cell1"])];
        var (hidden, next) = CoordinateLstm.Step(weights, lstm, Tensor.Cat([items, state["read"]], 1));
        Tensor Of(string name) => Dense.Linear(weights, name, hidden).Reshape([items.Size(0), Heads, -1]);
        var key = Of("key").Tanh();
        var (read, remembered) = access(state, key, WritesKeys ? key : Of("word").Tanh(), Of("gate"));
        var flat = read.Reshape([items.Size(0), Heads * Width]);
        return (Dense.Linear(weights, "answer", Tensor.Cat([hidden, flat], 1)), remembered.With(next).With([new("read", flat)]));
    }

    // Cosines of keys [B, R, W] with slots [B, S, W]: [B, R, S]
    internal static Tensor Cosines(Tensor keys, Tensor slots)
    {
        static Tensor Length(Tensor vectors) => (vectors.Square().Sum([2], keepdim: true) + 1e-8).Sqrt();
        return keys.Matmul(slots.Transpose(1, 2)) / (Length(keys) * Length(slots).Transpose(1, 2));
    }
}

using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>SNAIL: the support set and a query are one sequence, over which causal convolutions collect and attention picks out.</summary>
/// <remarks>
/// <para>An item is the features of an example beside the code of its label; the query, whose label is 0, comes last, and its logits are read there. Blocks:
/// attention, temporal convolutions, attention, temporal convolutions, attention. A dense layer of rate m adds to the channels
/// tanh(conv(x)) · sigmoid(conv'(x)) of the items t and t − m; temporal convolutions have rates 1, 2, 4, ... up to the length of the sequence; attention
/// adds softmax(q kᵀ / √K) v over the items up to t. Because all is causal, the support is computed once for all queries.</para>
/// <para><b>Differs from the paper:</b> labels enter as the rows of the model's last layer, which the logits are read with, too, instead of one-hot; the first
/// rate is 1 where the authors' is 2 (<see cref="FirstRate"/>), so that every distance can be reached; before training the keys of an attention are made as its
/// queries are, so that it begins by comparing items.</para>
/// </remarks>
[Paper("Mishra, Rohaninejad, Chen and Abbeel: A Simple Neural Attentive Meta-Learner", "ICLR 2018", "https://arxiv.org/abs/1707.03141")]
[Sequential]
public sealed record Snail : IMetaLearner
{
    private const string Prefix = "snail";

    /// <summary>The filters of each dense layer, at least 1; default 128, the paper's.</summary>
    public int Filters { get; init => field = Setting.AtLeast(value, 1, nameof(Filters)); } = 128;

    /// <summary>The width of the first attention's keys, at least 1; the second's is four times, the third's eight times as wide; default 64, the paper's.</summary>
    public int Keys { get; init => field = Setting.AtLeast(value, 1, nameof(Keys)); } = 64;

    /// <summary>The width of the first attention's values, at least 1; the second's is four times, the third's eight times as wide; default 32, the paper's.</summary>
    public int Values { get; init => field = Setting.AtLeast(value, 1, nameof(Values)); } = 32;

    /// <summary>The examples of the longest support set; the rates of the convolutions double until they reach it; default 25.</summary>
    public int Longest { get; init => field = Setting.AtLeast(value, 1, nameof(Longest)); } = 25;

    /// <summary>The rate of a block's first convolution, 1 or 2; default 1.</summary>
    public int FirstRate { get; init => field = value is 1 or 2 ? value : throw new ArgumentOutOfRangeException(nameof(FirstRate), value, "FirstRate must be 1 or 2."); } = 1;

    // As many as it takes for a sum of rates to span the sequence, each at most its length.
    private int[] Rates => [.. Enumerable.Range(0, (int)Math.Max(1, Math.Ceiling(Math.Log2(Longest + 1)))).Select(i => FirstRate << i)];

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var own = model.Init(random);
        var features = LabelCodes.Width(own);
        var (added, channels) = (Parameters.Empty, 2 * features);
        for (var block = 1; block <= 3; block++)
        {
            var scale = block == 1 ? 1 : 2 << (block - 1);
            var query = Dense.Linear(random, "query", channels, scale * Keys);
            added = added.With(query.With(Dense.Twin(query, "query", "key")).With(Dense.Linear(random, "value", channels, scale * Values)).Prefixed($"attention{block}"));
            channels += scale * Values;
            foreach (var rate in block < 3 ? Rates : [])
            {
                // What item t and item t − m are multiplied by, side by side, to the values of tanh and then those of the gate.
                added = added.With(Dense.Linear(random, $"convolution{block}.rate{rate}", 2 * channels, 2 * Filters));
                channels += Filters;
            }
        }

        return added.With(Dense.Linear(random, "answer", channels, features)).Prefixed(Prefix).With(own);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The episode has more examples than <see cref="Longest"/>, or more classes than the network was trained with.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        if (support.Count > Longest)
        {
            throw new ArgumentException($"The support set has {support.Count} examples, but SNAIL was made for at most {Longest}; set its Longest.");
        }

        var (codes, weights) = (LabelCodes.Of(model, Episodic.OfModel(theta, Prefix), support), theta.Under(Prefix));
        var order = Sequences.Order(random, support.Count, support.Inputs.Device);
        return new([codes.OnFeatures(support, features =>
        {
            var items = Tensor.Cat([features, codes.Of(support)], 1).IndexSelect(0, order); // [T, 2F]
            return queries => codes.Predict(Answer(weights, items, Tensor.Cat([queries, queries.ZerosLike()], 1)));
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.Standard, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    private Tensor Answer(Parameters weights, Tensor past, Tensor last)
    {
        for (var block = 1; block <= 3; block++)
        {
            (past, last) = Attend(weights.Under($"attention{block}"), past, last);
            foreach (var rate in block < 3 ? Rates : [])
            {
                (past, last) = Convolve(weights, $"convolution{block}.rate{rate}", rate, past, last);
            }
        }

        return Dense.Linear(weights, "answer", last);
    }

    // The items before the last [T, C], and the last ones [M, C], each with what a causal convolution says added to its channels.
    internal static (Tensor Past, Tensor Last) Convolve(Parameters weights, string name, int rate, Tensor past, Tensor last)
    {
        var (length, channels) = (past.Size(0), past.Size(1));
        var nothing = past.Narrow(0, 0, 1).ZerosLike();
        Tensor Gated(Tensor now, Tensor before)
        {
            var parts = Dense.Linear(weights, name, Tensor.Cat([now, before], 1)).Chunk(2, 1);
            return Tensor.Cat([now, parts[0].Tanh() * parts[1].Sigmoid()], 1);
        }

        var shifted = rate >= length
            ? past.ZerosLike()
            : Tensor.Cat([nothing.Expand([rate, channels]), past.Narrow(0, 0, length - rate)]);
        var behind = rate > length ? nothing : past.Narrow(0, length - rate, 1);
        return (Gated(past, shifted), Gated(last, behind.Expand([last.Size(0), channels])));
    }

    // Attention of each item to itself and those before it.
    internal static (Tensor Past, Tensor Last) Attend(Parameters weights, Tensor past, Tensor last)
    {
        Tensor Of(string name, Tensor items) => Dense.Linear(weights, name, items);
        var (keys, values) = (Of("key", past), Of("value", past));
        var root = Math.Sqrt(keys.Size(1));
        var later = keys.Matmul(keys.T()).OnesLike().Triu(diagonal: 1);
        var among = ((Of("query", past).Matmul(keys.T()) / root) - (Attention.None * later)).Softmax(-1); // [T, T]
        var (query, own, ownValue) = (Of("query", last), Of("key", last), Of("value", last));
        var scores = Tensor.Cat([query.Matmul(keys.T()), (query * own).Sum([1], keepdim: true)], 1) / root; // [M, T + 1]
        var attention = scores.Softmax(-1);
        var seen = attention.Narrow(1, 0, past.Size(0)).Matmul(values) + (attention.Narrow(1, past.Size(0), 1) * ownValue);
        return (Tensor.Cat([past, among.Matmul(values)], 1), Tensor.Cat([last, seen], 1));
    }
}

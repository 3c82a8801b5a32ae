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
        var (items, support) = (Tensor.Cat([past, last]), past.Size(0));
        for (var block = 1; block <= 3; block++)
        {
            items = Attend(weights.Under($"attention{block}"), items, support);
            foreach (var rate in block < 3 ? Rates : [])
            {
                items = Convolve(weights, $"convolution{block}.rate{rate}", rate, items, support);
            }
        }

        return Dense.Linear(weights, "answer", items.Narrow(0, support, last.Size(0)));
    }

    // Items [T + M, C], of which the first T are the support's and each other one comes after these, with what a causal convolution says added to their channels.
    internal static Tensor Convolve(Parameters weights, string name, int rate, Tensor items, long support)
    {
        var (queries, channels, nothing) = (items.Size(0) - support, items.Size(1), items.Narrow(0, 0, 1).ZerosLike());
        var none = nothing.Expand([Math.Min(rate, support), channels]);
        var shifted = rate >= support ? none : Tensor.Cat([none, items.Narrow(0, 0, support - rate)]);
        var behind = rate > support ? nothing : items.Narrow(0, support - rate, 1);
        var parts = Dense.Linear(weights, name, Tensor.Cat([items, Tensor.Cat([shifted, behind.Expand([queries, channels])])], 1)).Chunk(2, 1);
        return Tensor.Cat([items, parts[0].Tanh() * parts[1].Sigmoid()], 1);
    }

    // Attention of each item to itself and those of the support before it.
    internal static Tensor Attend(Parameters weights, Tensor items, long support)
    {
        Tensor Of(string name) => Dense.Linear(weights, name, items);
        var (queries, keys, values) = (Of("query"), Of("key"), Of("value"));
        var scores = queries.Matmul(keys.Narrow(0, 0, support).T()); // [T + M, T]
        var itself = (queries * keys).Sum([1], keepdim: true); // [T + M, 1]
        var isSupport = Tensor.Cat([itself.Narrow(0, 0, support).OnesLike(), itself.Narrow(0, support, items.Size(0) - support).ZerosLike()]);

        // A support item finds itself among the support, where a query does not.
        var hidden = Tensor.Cat([scores.OnesLike().Triu(diagonal: 1), isSupport], 1);
        var attention = ((Tensor.Cat([scores, itself], 1) / Math.Sqrt(keys.Size(1))) - (Attention.None * hidden)).Softmax(-1);
        var seen = attention.Narrow(1, 0, support).Matmul(values.Narrow(0, 0, support)) + (attention.Narrow(1, support, 1) * values);
        return Tensor.Cat([items, seen], 1);
    }
}

using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>In-context learning: a transformer reads the support set and predicts the queries in one pass; what it has learned is how to learn.</summary>
/// <remarks>
/// <para>A support example is the token of its features beside the code of its label, a query that of its features beside a learned code of what is not known.
/// Every token attends to the support examples and to itself, so that queries do not see each other; there are no positions, so that the order does not
/// matter and other numbers of examples will do. Trained on tasks from a prior, its predictions approach those of Bayes under that prior: trained on
/// synthetic tables it is a prior-fitted network, behind a body of convolutions a learner of few-shot images.</para>
/// <para>Blocks normalise first, have rectifiers of the GELU kind, four times as wide, and begin as the identity. <b>Differs from the papers:</b> values are predicted by their
/// mean, under the squared error, instead of by a histogram; labels have learned codes, the rows of the model's last layer, which predictions are read with, too.</para>
/// </remarks>
[Paper("Müller, Hollmann, Pineda Arango, Grabocka and Hutter: Transformers Can Do Bayesian Inference", "ICLR 2022", "https://arxiv.org/abs/2112.10510")]
public sealed record InContextLearner : IMetaLearner
{
    private const string Prefix = "context";
    private const int Expansion = 4;

    /// <summary>The width of a token, a multiple of the heads; default 64.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 64;

    /// <summary>The blocks of attention, at least 1; default 3.</summary>
    public int Layers { get; init => field = Setting.AtLeast(value, 1, nameof(Layers)); } = 3;

    /// <summary>The heads of attention, at least 1; default 4.</summary>
    public int Heads { get; init => field = Setting.AtLeast(value, 1, nameof(Heads)); } = 4;

    /// <summary>
    /// Whether keys begin as queries do, so that attention compares tokens from the start; default false. Few-shot images are learned in hundreds of updates with it
    /// and hardly without; linear regressions are learned more closely without.
    /// </summary>
    public bool TwinKeys { get; init; }

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The width is no multiple of the heads.</exception>
    public Parameters Init(IModel model, Generator random)
    {
        if (Width % Heads != 0)
        {
            throw new ArgumentException($"Width should be a multiple of the {Heads} heads but is {Width}.");
        }

        var own = model.Init(random);
        var features = LabelCodes.Width(own);
        var added = Dense.Linear(random, "token", 2 * features, Width).With([new("unknown", random.Normal([1, features], Math.Sqrt(1.0 / features)))]);
        for (var layer = 1; layer <= Layers; layer++)
        {
            added = added.With(Block(random).Prefixed($"block{layer}"));
        }

        added = added.With(Dense.Norm("norm", Width)).With(Dense.Linear(random, "answer", Width, features));
        return added.Prefixed(Prefix).With(own);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The episode has more classes than those that the network was trained with.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var (codes, weights) = (LabelCodes.Of(model, Episodic.OfModel(theta, Prefix), support), theta.Under(Prefix));
        return new([codes.OnFeatures(support, features => queries =>
        {
            // The row of a class is drawn for a layer of F inputs; as wide as features, it is seen beside them.
            var labels = support.IsClassification ? Math.Sqrt(features.Size(1)) * codes.Of(support) : codes.Of(support);
            var known = Tensor.Cat([features, labels], 1); // [T, 2F]
            var asked = Tensor.Cat([queries, weights["unknown"].Expand([queries.Size(0), queries.Size(1)])], 1); // [M, 2F]
            var tokens = Dense.Linear(weights, "token", Tensor.Cat([known, asked]));
            for (var layer = 1; layer <= Layers; layer++)
            {
                tokens = Apply(weights.Under($"block{layer}"), tokens, (int)support.Count);
            }

            var answers = Dense.Norm(weights, "norm", tokens.Narrow(0, support.Count, queries.Size(0)));
            return codes.Predict(Dense.Linear(weights, "answer", answers));
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.Standard, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // Tokens [T + M, E], of which the first T are the support's.
    internal Tensor Apply(Parameters block, Tensor tokens, int support)
    {
        tokens += Dense.Linear(block, "output", Attend(block, Dense.Norm(block, "before", tokens), support));
        var hidden = Dense.Linear(block, "hidden", Dense.Norm(block, "between", tokens)).Gelu();
        return tokens + Dense.Linear(block, "result", hidden);
    }

    private Tensor Attend(Parameters block, Tensor tokens, int support)
    {
        Tensor Project(string name) => Attention.Split(Dense.Linear(block, name, tokens), Heads); // [H, T + M, D]
        var (queries, keys, values) = (Project("query"), Project("key"), Project("value"));
        var (known, asked) = (keys.Narrow(1, 0, support), tokens.Size(0) - support);

        // A query has a score of its own beside those of the support, of which a support example is one.
        var isQuery = Tensor.Cat([tokens.Narrow(0, 0, support).ZerosLike(), tokens.Narrow(0, support, asked).OnesLike()]).Narrow(1, 0, 1); // [T + M, 1]
        var itself = ((queries * keys).Sum([2], keepdim: true) / Math.Sqrt(keys.Size(2))) - (Attention.None * (1 - isQuery));
        var attention = Tensor.Cat([Attention.Scores(queries, known), itself], 2).Softmax(-1); // [H, T + M, T + 1]
        return Attention.Merge(attention.Narrow(2, 0, support).Matmul(values.Narrow(1, 0, support)) + (attention.Narrow(2, support, 1) * values));
    }

    private Parameters Block(Generator random)
    {
        static Parameters Silent(Parameters layer) => layer.Map(leaf => leaf.ZerosLike());
        Parameters Linear(string name, int inputs, int outputs) => Dense.Linear(random, name, inputs, outputs);
        var query = Linear("query", Width, Width);
        return Dense.Norm("before", Width)
            .With(query).With(TwinKeys ? Dense.Twin(query, "query", "key") : Linear("key", Width, Width)).With(Linear("value", Width, Width)).With(Silent(Linear("output", Width, Width)))
            .With(Dense.Norm("between", Width)).With(Linear("hidden", Width, Expansion * Width)).With(Silent(Linear("result", Expansion * Width, Width)));
    }
}

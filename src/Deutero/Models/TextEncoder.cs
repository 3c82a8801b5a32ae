using Deutero.Torch;

namespace Deutero.Models;

/// <summary>An encoder of texts: their bag of words and n-grams as it is, a learned embedding of it, and a gated mean of the vectors of their words.</summary>
/// <remarks>
/// <para>An input is what <c>TextFeatures</c> of Deutero.Data writes: the bag b, and where there are vectors, for each word its inverse document frequency r and
/// its vector v, zeros where the text has ended. With u(x) = x / ||x||, features are [b, s·u(P b), t·u(Σ g v), t·u(Σ g tanh(A v + a))], where
/// g = r·exp(w·tanh(V v + c)) says how much a word counts; P, A, a, w, V, c, s and t are learned. The second part is an embedding bag: P has a column for each
/// place of the bag.</para>
/// <para>Before training P and A are random projections, which keep distances, and w is 0, so that an untrained encoder already compares texts by their words.
/// There is no order of words beyond what the bag has of it.</para>
/// </remarks>
public sealed record TextEncoder : IModel
{
    private const double Least = 1e-12;

    /// <summary>The places of the bag: as many as <c>data.textBuckets</c>; default 4,096.</summary>
    public int Buckets { get; init => field = Positive(value, nameof(Buckets)); } = 4096;

    /// <summary>The numbers of a word's vector; default 100.</summary>
    public int Dimensions { get; init => field = Positive(value, nameof(Dimensions)); } = 100;

    /// <summary>The words of a text that have vectors; 0 for none; default 0.</summary>
    public int Words { get; init; }

    /// <summary>The width of the embedding of the bag, and of the hidden layer over words; default 128.</summary>
    public int Width { get; init => field = Positive(value, nameof(Width)); } = 128;

    /// <summary>How much the embedding of the bag counts before training, positive; default 0.5.</summary>
    public double EmbeddingScale { get; init; } = 0.5;

    /// <summary>How much the vectors of words count before training, positive; default 1.</summary>
    public double WordScale { get; init; } = 1;

    /// <summary>The width of the last linear layer; 0 leaves it out; default 0.</summary>
    public int Outputs { get; init; }

    /// <inheritdoc/>
    public BatchNormPolicy? BatchNorm => null;

    /// <inheritdoc/>
    public int OutputWidth => Outputs > 0 ? Outputs : Features;

    private int Features => Buckets + Width + (Words > 0 ? Dimensions + Width : 0);

    /// <inheritdoc/>
    public Parameters Init(Generator random)
    {
        var parameters = new List<KeyValuePair<string, Tensor>>
        {
            new("bag.weight", random.Normal([Width, Buckets], 1 / Math.Sqrt(Width))),
            new("bag.scale", Tensor.Of(EmbeddingScale)),
        };
        if (Words > 0)
        {
            parameters.Add(new("words.weight", random.Normal([Width, Dimensions])));
            parameters.Add(new("words.bias", random.Uniform([Width], -1, 1)));
            parameters.Add(new("words.scale", Tensor.Of(WordScale)));
            parameters.Add(new("gate.weight", random.Normal([Width, Dimensions], 1 / Math.Sqrt(Dimensions))));
            parameters.Add(new("gate.bias", Tensor.Zeros([Width], DType.Float32)));
            parameters.Add(new("gate.out", Tensor.Zeros([Width, 1], DType.Float32)));
        }

        if (Outputs > 0)
        {
            var bound = 1 / Math.Sqrt(Features);
            parameters.Add(new("head.weight", random.Uniform([Outputs, Features], -bound, bound)));
            parameters.Add(new("head.bias", Tensor.Zeros([Outputs], DType.Float32)));
        }

        return Parameters.Create(parameters.ToArray());
    }

    /// <inheritdoc/>
    public Tensor Forward(Parameters parameters, Tensor inputs)
    {
        var bag = inputs.Narrow(1, 0, Buckets);
        var parts = new List<Tensor> { bag, parameters["bag.scale"] * Unit(bag.Matmul(parameters["bag.weight"].T())) };
        if (Words > 0)
        {
            var rows = inputs.Narrow(1, Buckets, Words * (1 + Dimensions)).Reshape([inputs.Size(0), Words, 1 + Dimensions]);
            var (rarity, vectors) = (rows.Narrow(2, 0, 1), rows.Narrow(2, 1, Dimensions));
            var gate = rarity * Layer(parameters, "gate", vectors).Matmul(parameters["gate.out"]).Exp(); // [N, words, 1]
            parts.Add(parameters["words.scale"] * Unit((gate * vectors).Sum([1])));
            parts.Add(parameters["words.scale"] * Unit((gate * Layer(parameters, "words", vectors)).Sum([1])));
        }

        var features = Tensor.Cat(parts.ToArray(), 1); // [N, features]
        return Outputs > 0 ? Transforms.Linear(features, parameters["head.weight"], parameters["head.bias"]) : features;
    }

    /// <inheritdoc/>
    public Parameters BatchStatistics(Parameters parameters, Tensor inputs) => Parameters.Empty;

    /// <inheritdoc/>
    public IModel WithStatistics(Parameters statistics) => this;

    /// <inheritdoc/>
    public IModel WithShape(IReadOnlyList<long> itemShape, int outputs)
    {
        var words = (itemShape.Aggregate(1L, (count, size) => count * size) - Buckets) / (1 + Dimensions);
        return itemShape.Count == 1 && words >= 0 && Buckets + (words * (1 + Dimensions)) == itemShape[0]
            ? this with { Words = (int)words, Outputs = outputs }
            : throw new ArgumentException(
                $"A text encoder for bags of {Buckets} places, and words of 1 + {Dimensions} numbers, cannot take items of shape [{string.Join(", ", itemShape)}]: "
                + "they are no texts, or buckets and dimensions differ from the data's.");
    }

    private static Tensor Layer(Parameters parameters, string name, Tensor vectors) =>
        (vectors.Matmul(parameters[name + ".weight"].T()) + parameters[name + ".bias"]).Tanh();

    private static Tensor Unit(Tensor values) => values / (values.Square().Sum([-1], keepdim: true) + Least).Sqrt();

    private static int Positive(int value, string name) =>
        value > 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 1.");
}

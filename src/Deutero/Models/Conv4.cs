using Deutero.Torch;

namespace Deutero.Models;

/// <summary>The classic few-shot network: four blocks of 3x3 convolution, BatchNorm, ReLU and a halving of height and width.</summary>
/// <remarks>
/// With 64 filters and max-pooling this is the embedding of Vinyals et al. (NeurIPS 2016) and Snell et al. (NeurIPS 2017); with
/// <see cref="Downsampling.Stride"/> it is MAML's Omniglot network (Finn et al., ICML 2017). Convolutions have no bias, because the BatchNorm
/// behind them has one. 28x28 images give 64 features, 84x84 images 1,600.
/// </remarks>
public sealed record Conv4 : IFeatureMaps
{
    internal const int Blocks = 4;

    /// <summary>The colour channels of the images; default 1.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>The height of the images in pixels; default 28.</summary>
    public int Height { get; init; } = 28;

    /// <summary>The width of the images in pixels; default 28.</summary>
    public int Width { get; init; } = 28;

    /// <summary>The filters of each block; default 64.</summary>
    public int Filters { get; init; } = 64;

    /// <summary>The width of the last linear layer; 0 leaves it out; default 0.</summary>
    public int Outputs { get; init; }

    /// <summary>How a block halves height and width; default max-pooling.</summary>
    public Downsampling Downsampling { get; init; }

    /// <summary>How many of the four blocks, from the first, halve height and width; 2 leaves maps of 7x7 of 28x28 images; default 4.</summary>
    public int Halvings { get; init => field = value is >= 1 and <= Blocks ? value : throw new ArgumentOutOfRangeException(nameof(Halvings), value, "Halvings must be between 1 and 4."); } = Blocks;

    /// <summary>Which operators the blocks run on; default fused ones where they apply.</summary>
    public Kernels Kernels { get; init; }

    /// <summary>The arithmetic of the 3x3 convolutions; default that of the parameters.</summary>
    public Precision Precision { get; init; }

    /// <inheritdoc/>
    public BatchNormPolicy BatchNorm { get; init; }

    BatchNormPolicy? IModel.BatchNorm => BatchNorm;

    /// <inheritdoc/>
    public int OutputWidth => Outputs > 0 ? Outputs : Features;

    /// <inheritdoc/>
    public (int Channels, int Height, int Width) MapShape =>
        Downsampling == Downsampling.Stride ? (Filters, 1, 1) : (Filters, Height >> Halvings, Width >> Halvings);

    internal Parameters? Statistics { get; init; }

    private int Features => MapShape.Channels * MapShape.Height * MapShape.Width;

    /// <inheritdoc/>
    public Parameters Init(Generator random)
    {
        var parameters = new List<KeyValuePair<string, Tensor>>();
        for (var block = 1; block <= Blocks; block++)
        {
            var channels = block == 1 ? Channels : Filters;
            parameters.Add(new($"conv{block}.weight", Layers.Xavier(random, 9 * channels, 9 * Filters, [Filters, channels, 3, 3])));
            parameters.Add(new($"norm{block}.weight", Tensor.Ones([Filters])));
            parameters.Add(new($"norm{block}.bias", Tensor.Zeros([Filters])));
        }

        if (Outputs > 0)
        {
            parameters.Add(new("head.weight", Layers.Xavier(random, Features, Outputs, [Outputs, Features])));
            parameters.Add(new("head.bias", Tensor.Zeros([Outputs])));
        }

        return Parameters.Create(parameters.ToArray());
    }

    /// <inheritdoc/>
    public Tensor Forward(Parameters parameters, Tensor inputs)
    {
        var features = Embed(parameters, inputs, Normalisation.By(Statistics)); // [N, features]
        return Outputs > 0 ? Tensor.Linear(features, parameters["head.weight"], parameters["head.bias"]) : features;
    }

    /// <inheritdoc/>
    public Parameters BatchStatistics(Parameters parameters, Tensor inputs) =>
        Normalisation.Collect(normalisation => Embed(parameters, inputs, normalisation));

    /// <inheritdoc/>
    public IModel WithStatistics(Parameters statistics) => this with { Statistics = statistics };

    /// <inheritdoc/>
    public IModel WithShape(IReadOnlyList<long> itemShape, int outputs) =>
        itemShape is [var channels, var height and >= 16, var width and >= 16]
            ? this with { Channels = (int)channels, Height = (int)height, Width = (int)width, Outputs = outputs }
            : throw new ArgumentException(
                $"Conv4 takes images [channels, height, width] of at least 16x16 pixels but the items have shape [{string.Join(", ", itemShape)}].");

    private Tensor Embed(Parameters parameters, Tensor inputs, Normalisation normalisation)
    {
        if (inputs.Rank != 4 || inputs.Size(1) != Channels)
        {
            throw new ArgumentException($"Conv4 expects images [N, {Channels}, {Height}, {Width}] but received shape [{string.Join(", ", inputs.Shape)}].");
        }

        var layer = new ConvolutionalBlock(Kernels, Precision, normalisation);
        var values = inputs;
        for (var block = 1; block <= Blocks; block++)
        {
            var halve = block <= Halvings ? 2 : 1;
            var (stride, pool) = Downsampling == Downsampling.Stride ? (halve, 1) : (1, halve);
            values = layer.Apply(parameters, $"conv{block}.weight", $"norm{block}", values, stride, pool); // [N, filters, H/2, W/2] where it halves
        }

        return Downsampling == Downsampling.Stride ? values.Mean([2, 3]) : values.Reshape([inputs.Size(0), -1]);
    }
}

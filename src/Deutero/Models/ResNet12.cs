using Deutero.Torch;

namespace Deutero.Models;

/// <summary>The 12-layer residual network of few-shot learning: four blocks of three 3x3 convolutions with a 1x1 shortcut and 2x2 max-pooling.</summary>
/// <remarks>
/// Widths 64-160-320-640 are those of MetaOptNet (Lee et al., CVPR 2019); 64-128-256-512 those of TADAM (Oreshkin et al., NeurIPS 2018).
/// LeakyReLU with slope 0.1; the features are the spatial mean. Without DropBlock.
/// </remarks>
public sealed record ResNet12 : IModel
{
    private const double Slope = 0.1;

    /// <summary>The colour channels of the images; default 3.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>The filters of the four blocks; default 64, 160, 320, 640.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [64, 160, 320, 640];

    /// <summary>The width of the last linear layer; 0 leaves it out; default 0.</summary>
    public int Outputs { get; init; }

    /// <summary>Which operators the 3x3 layers run on; default fused ones where they apply.</summary>
    public Kernels Kernels { get; init; }

    /// <summary>The arithmetic of the 3x3 convolutions; default that of the parameters.</summary>
    public Precision Precision { get; init; }

    /// <inheritdoc/>
    public BatchNormPolicy BatchNorm { get; init; }

    BatchNormPolicy? IModel.BatchNorm => BatchNorm;

    /// <inheritdoc/>
    public int OutputWidth => Outputs > 0 ? Outputs : Widths[^1];

    private Parameters? Statistics { get; init; }

    /// <inheritdoc/>
    public Parameters Init(Generator random)
    {
        var parameters = new List<KeyValuePair<string, Tensor>>();
        var channels = Channels;
        for (var block = 1; block <= Widths.Count; block++)
        {
            var width = Widths[block - 1];
            for (var layer = 1; layer <= 3; layer++)
            {
                var inputs = layer == 1 ? channels : width;
                AddNormalised(parameters, $"block{block}.{layer}", Layers.Xavier(random, 9 * inputs, 9 * width, [width, inputs, 3, 3]));
            }

            AddNormalised(parameters, $"block{block}.shortcut", Layers.Xavier(random, channels, width, [width, channels, 1, 1]));
            channels = width;
        }

        if (Outputs > 0)
        {
            parameters.Add(new("head.weight", Layers.Xavier(random, channels, Outputs, [Outputs, channels])));
            parameters.Add(new("head.bias", Tensor.Zeros([Outputs])));
        }

        return Parameters.Create(parameters.ToArray());
    }

    /// <inheritdoc/>
    public Tensor Forward(Parameters parameters, Tensor inputs)
    {
        var features = Embed(parameters, inputs, Normalisation.By(Statistics)); // [N, last width]
        return Outputs > 0 ? Tensor.Linear(features, parameters["head.weight"], parameters["head.bias"]) : features;
    }

    /// <inheritdoc/>
    public Parameters BatchStatistics(Parameters parameters, Tensor inputs) =>
        Normalisation.Collect(normalisation => Embed(parameters, inputs, normalisation));

    /// <inheritdoc/>
    public IModel WithStatistics(Parameters statistics) => this with { Statistics = statistics };

    /// <inheritdoc/>
    public IModel WithShape(IReadOnlyList<long> itemShape, int outputs) =>
        itemShape is [var channels, >= 16, >= 16]
            ? this with { Channels = (int)channels, Outputs = outputs }
            : throw new ArgumentException(
                $"ResNet12 takes images [channels, height, width] of at least 16x16 pixels but the items have shape [{string.Join(", ", itemShape)}].");

    private static void AddNormalised(List<KeyValuePair<string, Tensor>> parameters, string layer, Tensor weight)
    {
        parameters.Add(new($"{layer}.weight", weight));
        parameters.Add(new($"{layer}.norm.weight", Tensor.Ones([weight.Size(0)])));
        parameters.Add(new($"{layer}.norm.bias", Tensor.Zeros([weight.Size(0)])));
    }

    private Tensor Embed(Parameters parameters, Tensor inputs, Normalisation normalisation)
    {
        var convolution = new ConvolutionalBlock(Kernels, Precision, normalisation, Slope);
        var values = inputs;
        for (var block = 1; block <= Widths.Count; block++)
        {
            var shortcut = Tensor.Conv2d(values, parameters[$"block{block}.shortcut.weight"]);
            shortcut = normalisation.Apply(parameters, $"block{block}.shortcut.norm", shortcut);
            for (var layer = 1; layer <= 3; layer++)
            {
                values = convolution.Apply(parameters, $"block{block}.{layer}.weight", $"block{block}.{layer}.norm", values, activate: layer < 3);
            }

            values = (values + shortcut).LeakyRelu(Slope).MaxPool2d([2, 2], [2, 2]); // [N, width, H/2, W/2]
        }

        return values.Mean([2, 3]);
    }
}

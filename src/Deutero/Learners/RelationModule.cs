using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>A learned comparison of each query with each class: a small network on the two sets of features side by side, the class's first.</summary>
/// <remarks>
/// The first layer is linear, so that its part for the class and its part for the query are computed once each, and added for every pair: the same
/// numbers as of the pair's features side by side.
/// </remarks>
/// <param name="Maps">The shape of the features where they are maps, which are compared by convolutions; null for vectors.</param>
/// <param name="Features">The number of features.</param>
/// <param name="Width">The filters, or the width of the hidden layers.</param>
internal sealed record RelationModule((int Channels, int Height, int Width)? Maps, int Features, int Width)
{
    // The width of the layer before the last, for maps.
    private const int HiddenWidth = 8;

    private static readonly ConvolutionalBlock s_block = new(Kernels.Fused, Precision.Float32, Normalisation.By(null));

    // Two blocks halve height and width: from 4x4 on something remains.
    internal static RelationModule Of(IModel model, int width) =>
        new(model is IFeatureMaps { MapShape: { Height: >= 4, Width: >= 4 } shape } ? shape : null, model.OutputWidth, width);

    internal Parameters Init(Generator random)
    {
        if (Maps is not var (channels, height, wide))
        {
            return [.. Dense.Linear(random, "first", 2 * Features, Width), .. Dense.Linear(random, "second", Width, Width), .. Dense.Linear(random, "score", Width, 1)];
        }

        return
        [
            .. Block(random, "first", 2 * channels), .. Block(random, "second", Width),
            .. Dense.Linear(random, "hidden", Width * (height / 4) * (wide / 4), HiddenWidth), .. Dense.Linear(random, "score", HiddenWidth, 1),
        ];
    }

    // Queries [M, F] and classes [N, F] to scores of any size [M, N]
    internal Tensor Compare(Parameters weights, Tensor queries, Tensor classes)
    {
        var hidden = Maps is null ? Vectors(weights, queries, classes) : Images(weights, queries, classes); // [M N, H]
        return Dense.Linear(weights, "score", hidden).Reshape([queries.Size(0), classes.Size(0)]);
    }

    private Tensor Vectors(Parameters weights, Tensor queries, Tensor classes)
    {
        var (first, bias) = (weights["first.weight"], weights["first.bias"]);
        var ofClasses = classes.Matmul(first.Narrow(1, 0, Features).T()) + bias;
        var pairs = Pairs(queries.Matmul(first.Narrow(1, Features, Features).T()), ofClasses); // [M N, W]
        return Dense.Linear(weights, "second", pairs.Relu()).Relu();
    }

    private Tensor Images(Parameters weights, Tensor queries, Tensor classes)
    {
        var (channels, height, width) = Maps!.Value;
        Tensor Part(Tensor features, int from) =>
            Layers.Convolve(features.Reshape([features.Size(0), channels, height, width]), weights["first.weight"].Narrow(1, from, channels).Contiguous());
        var pairs = Pairs(Part(queries, channels), Part(classes, 0)); // [M N, W, H, W]
        var half = s_block.Finish(weights, "first.norm", pairs, pool: 2);
        var quarter = s_block.Apply(weights, "second.weight", "second.norm", half, pool: 2); // [M N, W, H/4, W/4]
        return Dense.Linear(weights, "hidden", quarter.Reshape([quarter.Size(0), -1])).Relu();
    }

    private static Tensor Pairs(Tensor queries, Tensor classes)
    {
        var sums = queries.Unsqueeze(1) + classes.Unsqueeze(0); // [M, N, ...]
        return sums.Reshape([sums.Size(0) * sums.Size(1), .. sums.Shape.Skip(2)]);
    }

    private Parameters Block(Generator random, string name, int channels) =>
    [
        new($"{name}.weight", Layers.Xavier(random, 9 * channels, 9 * Width, [Width, channels, 3, 3])),
        new($"{name}.norm.weight", Tensor.Ones([Width])), new($"{name}.norm.bias", Tensor.Zeros([Width])),
    ];
}

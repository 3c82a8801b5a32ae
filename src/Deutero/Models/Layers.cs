using Deutero.Torch;

namespace Deutero.Models;

/// <summary>The layers that the models share, as pure functions.</summary>
internal static class Layers
{
    internal const double Epsilon = 1e-5;

    // Xavier and Bengio, AISTATS 2010: uniform within sqrt(6 / (fan_in + fan_out)).
    internal static Tensor Xavier(Generator random, long fanIn, long fanOut, ReadOnlySpan<long> shape)
    {
        var bound = Math.Sqrt(6.0 / (fanIn + fanOut));
        return random.Uniform(shape, -bound, bound);
    }

    // A 3x3 convolution with padding 1 and no bias (the BatchNorm that follows has one).
    internal static Tensor Convolve(Tensor inputs, Tensor weight, int stride = 1)
    {
        // On a CPU a convolution over one or three channels is far slower than the matrix product of its 3x3 patches, and the product
        // leaves the channels last in memory, which is the layout in which all later layers are fastest.
        return FewChannels(inputs) && inputs.Device == Device.Cpu
            ? Patches(inputs, stride).Matmul(weight.Reshape([weight.Size(0), -1]).T()).Permute([0, 3, 1, 2])
            : Tensor.Conv2d(inputs, weight, null, [stride, stride], [1, 1]);
    }

    // Grey or coloured images, rather than the output of another layer.
    internal static bool FewChannels(Tensor images) => images.Size(1) <= 3;

    internal static Tensor Activate(Tensor values, Activation activation) => activation switch
    {
        Activation.Relu => values.Relu(),
        Activation.Tanh => values.Tanh(),
        Activation.Softplus => values.Softplus(),
        Activation.Elu => values.Elu(),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "This activation is unknown."),
    };

    // [N, C, H, W] -> [N, H/stride, W/stride, 9C]
    private static Tensor Patches(Tensor inputs, int stride)
    {
        var (channels, height, width) = (inputs.Size(1), inputs.Size(2), inputs.Size(3));
        var padded = inputs.Pad([1, 1, 1, 1]);
        var patches = new List<Tensor>();
        for (var channel = 0; channel < channels; channel++)
        {
            for (var offset = 0; offset < 9; offset++)
            {
                var (row, column) = (offset / 3, offset % 3);
                patches.Add(padded.Select(1, channel).Slice(1, row, row + height, stride).Slice(2, column, column + width, stride));
            }
        }

        return Tensor.Stack(patches.ToArray(), -1);
    }
}

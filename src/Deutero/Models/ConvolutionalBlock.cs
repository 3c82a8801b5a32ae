using System.Runtime.CompilerServices;
using Deutero.Torch;

namespace Deutero.Models;

/// <summary>The few-shot block: a 3x3 convolution without bias, BatchNorm, a rectifier and, where wanted, 2x2 max-pooling.</summary>
/// <param name="Kernels">Which operators to run on.</param>
/// <param name="Precision">The arithmetic of the convolutions.</param>
/// <param name="Normalisation">How this forward pass normalises.</param>
/// <param name="Slope">The rectifier's slope below zero.</param>
internal sealed record ConvolutionalBlock(Kernels Kernels, Precision Precision, Normalisation Normalisation, double Slope = 0)
{
    // Fused operators work on 16 channels at a time.
    private const int Lanes = 16;

    // The moments of a support set's patches serve every inner step, and a query set's every gradient.
    private static readonly ConditionalWeakTable<Tensor, double[]> s_moments = [];

    /// <summary>Images <c>[N, C, H, W]</c> to <c>[N, F, H/stride/pool, W/stride/pool]</c>; without rectifier where <paramref name="activate"/> is false.</summary>
    internal Tensor Apply(Parameters parameters, string weight, string norm, Tensor images, int stride = 1, int pool = 1, bool activate = true)
    {
        var filters = parameters[weight];
        var fuses = Fuses(images, filters);
        if (fuses && Normalisation.ByBatch && stride == 1 && pool == 2 && Layers.FewChannels(images) && !images.RequiresGrad)
        {
            var (scale, shift) = (parameters[$"{norm}.weight"], parameters[$"{norm}.bias"]);
            return Tensor.FirstBlock(images, filters, scale, shift, Moments(images), activate ? Slope : 1, Layers.Epsilon);
        }

        var convolved = fuses && stride == 1 && images.Size(1) % Lanes == 0
            ? Tensor.Conv3x3(images, filters, reduced: Precision == Precision.BFloat16)
            : Layers.Convolve(images, filters, stride);
        return Finish(parameters, norm, convolved, pool, activate);
    }

    /// <summary>What follows the convolution.</summary>
    internal Tensor Finish(Parameters parameters, string norm, Tensor convolved, int pool = 1, bool activate = true)
    {
        var scale = parameters[$"{norm}.weight"];
        return Normalisation.ByBatch && Fuses(convolved, scale)
            ? Tensor.NormActivatePool(convolved, scale, parameters[$"{norm}.bias"], activate ? Slope : 1, pool, Layers.Epsilon)
            : ApplyPlain(parameters, norm, convolved, pool, activate);
    }

    private bool Fuses(Tensor images, Tensor filters) =>
        Kernels == Kernels.Fused && images.Device == Device.Cpu && images.DType is DType.Float32 or DType.Float64
        && images.DType == filters.DType && filters.Size(0) % Lanes == 0 && !Transforms.AnyActive;

    private Tensor ApplyPlain(Parameters parameters, string norm, Tensor convolved, int pool, bool activate)
    {
        var values = Normalisation.Apply(parameters, norm, convolved);
        values = !activate ? values : Slope == 0 ? values.Relu() : values.LeakyRelu(Slope);
        return pool == 2 ? values.MaxPool2d([2, 2], [2, 2]) : values;
    }

    private static Tensor Moments(Tensor images)
    {
        var size = (9 * images.Size(1)) + 1;
        var values = s_moments.GetValue(images, key =>
        {
            using var moments = Tensor.PatchMoments(key);
            return moments.ToArray<double>();
        });
        return Tensor.From(values).Reshape([size, size]);
    }
}

namespace Deutero.Torch.Imaging;

/// <summary>Resizing with the three-lobed Lanczos kernel, widened when shrinking; rounded to 8 bits between the two passes.</summary>
/// <remarks>This is what Pillow does, and so what most published few-shot data was prepared with.</remarks>
internal static class Lanczos
{
    private const int Lobes = 3;

    // Data sets resize thousands of images alike: the last axis is kept. It is immutable, so a race only computes it twice.
    private static Axis? last;

    internal static Image Resize(Image image, int width, int height)
    {
        var channels = image.Channels;
        var narrow = new byte[width * image.Height * channels];
        Pass(image.Pixels, narrow, image.Width, width, image.Height, channels, image.Width * channels, channels, width * channels);
        var resized = new byte[width * height * channels];
        Pass(narrow, resized, image.Height, height, width * channels, width * channels, 1, width * channels, 1);
        return new Image(width, height, channels, resized);
    }

    /// <summary>Resamples every line of an image along one axis.</summary>
    private static void Pass(
        byte[] from, byte[] to, int inputs, int outputs, int lines, int step, int lineStep, int toStep, int toLineStep)
    {
        var axis = last is { } known && known.Inputs == inputs && known.Outputs == outputs ? known : last = Axis.Of(inputs, outputs);
        var interleaved = lineStep == 1 ? 1 : step;
        for (var output = 0; output < outputs; output++)
        {
            for (var line = 0; line < lines; line++)
            {
                for (var channel = 0; channel < interleaved; channel++)
                {
                    var sum = 0.5;
                    var at = (line * lineStep) + (axis.First[output] * step) + channel;
                    foreach (var weight in axis.Weights[output])
                    {
                        sum += weight * from[at];
                        at += step;
                    }

                    to[(line * toLineStep) + (output * toStep) + channel] = (byte)Math.Clamp(Math.Floor(sum), 0, 255);
                }
            }
        }
    }

    private static double Kernel(double x) => Math.Abs(x) < Lobes ? Sinc(x) * Sinc(x / Lobes) : 0;

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    /// <summary>For each output, the first input that it draws on and the weights from there.</summary>
    private sealed record Axis(int Inputs, int Outputs, int[] First, double[][] Weights)
    {
        internal static Axis Of(int inputs, int outputs)
        {
            var axis = new Axis(inputs, outputs, new int[outputs], new double[outputs][]);
            var ratio = (double)inputs / outputs;
            var widening = Math.Max(ratio, 1);
            for (var output = 0; output < outputs; output++)
            {
                var centre = (output + 0.5) * ratio;
                var first = Math.Max(0, (int)(centre - (Lobes * widening) + 0.5));
                var end = Math.Min(inputs, (int)(centre + (Lobes * widening) + 0.5));
                var weights = Enumerable.Range(first, end - first).Select(i => Kernel((i + 0.5 - centre) / widening)).ToArray();
                var sum = weights.Sum();
                (axis.First[output], axis.Weights[output]) = (first, Array.ConvertAll(weights, weight => weight / sum));
            }

            return axis;
        }
    }
}

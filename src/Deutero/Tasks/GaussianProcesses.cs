using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Functions drawn from a Gaussian process with a squared-exponential kernel: the best prediction for each task is known exactly.</summary>
/// <remarks>
/// y = f(x) + ε with Cov(f(a), f(b)) = exp(−(a − b)² / 2l²), ε of deviation <see cref="Noise"/> and inputs uniform within ± 2: the functions of Garnelo et
/// al. (ICML 2018). With K the kernel of the support's inputs, the Bayes predictor at x is k(x)ᵀ (K + σ²I)⁻¹ y.
/// </remarks>
public sealed record GaussianProcesses : ITaskDistribution
{
    private const double Range = 2;

    /// <summary>Support points, at least 1; default 10.</summary>
    public int Shots { get; init => field = Setting.AtLeast(value, 1, nameof(Shots)); } = 10;

    /// <summary>Query points, at least 1; default 15.</summary>
    public int Queries { get; init => field = Setting.AtLeast(value, 1, nameof(Queries)); } = 15;

    /// <summary>The length l over which functions vary, positive; default 0.4.</summary>
    public double Length { get; init => field = Setting.Positive(value, nameof(Length)); } = 0.4;

    /// <summary>The deviation of the noise, positive; default 0.05.</summary>
    public double Noise { get; init => field = Setting.Positive(value, nameof(Noise)); } = 0.05;

    /// <inheritdoc/>
    public string Name => $"Gaussian processes of length {Length:R} {Shots}-shot {Queries}-query";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var inputs = Enumerable.Range(0, Shots + Queries).Select(_ => Range * ((2 * random.NextDouble()) - 1)).ToArray();
        var root = Cholesky(inputs);
        var draws = inputs.Select(_ => RegressionPoints.Normal(random)).ToArray();
        var values = root.Select(row => row.Zip(draws, (a, b) => a * b).Sum()).ToArray();
        Examples Part(int from, int count) => new(
            Tensor.From(Array.ConvertAll(inputs[from..(from + count)], x => (float)x), count, 1), Tensor.From(Array.ConvertAll(values[from..(from + count)], y => (float)y), count, 1), Ways: 0);
        return new(Part(0, Shots), Part(Shots, Queries), $"x={string.Join(' ', inputs.Take(3).Select(x => x.ToString("R")))} y={values[0]:R}");
    }

    internal double Covariance(double a, double b) => Math.Exp(-(a - b) * (a - b) / (2 * Length * Length));

    // The lower triangle L of K + σ²I = L Lᵀ, row by row.
    private double[][] Cholesky(double[] inputs)
    {
        var root = new double[inputs.Length][];
        for (var i = 0; i < inputs.Length; i++)
        {
            root[i] = new double[i + 1];
            for (var j = 0; j <= i; j++)
            {
                var rest = Covariance(inputs[i], inputs[j]) + (i == j ? Noise * Noise : 0);
                for (var k = 0; k < j; k++)
                {
                    rest -= root[i][k] * root[j][k];
                }

                root[i][j] = i == j ? Math.Sqrt(rest) : rest / root[j][j];
            }
        }

        return root;
    }
}

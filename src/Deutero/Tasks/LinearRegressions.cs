using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Linear regression: y = w · x + ε with weights of the task. The best prediction for each task is known exactly.</summary>
/// <remarks>
/// Weights and inputs are standard normal, ε has deviation σ: the functions of Garg et al. (NeurIPS 2022) with noise. The Bayes predictor is ridge
/// regression, w = (XᵀX + σ²I)⁻¹ Xᵀy; with K support points, least squares errs by σ²(1 + d/(K − d − 1)) in the mean over tasks, for K > d + 1.
/// </remarks>
public sealed record LinearRegressions : ITaskDistribution
{
    /// <summary>Support points, at least 1; default 20.</summary>
    public int Shots { get; init => field = Setting.AtLeast(value, 1, nameof(Shots)); } = 20;

    /// <summary>Query points, at least 1; default 20.</summary>
    public int Queries { get; init => field = Setting.AtLeast(value, 1, nameof(Queries)); } = 20;

    /// <summary>The values d of an input, at least 1; default 5.</summary>
    public int Features { get; init => field = Setting.AtLeast(value, 1, nameof(Features)); } = 5;

    /// <summary>The deviation σ of the noise, at least 0; default 0.5.</summary>
    public double Noise { get; init => field = Setting.NotNegative(value, nameof(Noise)); } = 0.5;

    /// <inheritdoc/>
    public string Name => $"linear regressions of {Features} features {Shots}-shot {Queries}-query";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var weights = Enumerable.Range(0, Features).Select(_ => RegressionPoints.Normal(random)).ToArray();
        return new(Draw(random, weights, Shots), Draw(random, weights, Queries), "w=" + string.Join(' ', weights.Select(w => w.ToString("R"))));
    }

    private Examples Draw(Generator random, double[] weights, int count)
    {
        var (inputs, targets) = (new float[count * Features], new float[count]);
        for (var i = 0; i < count; i++)
        {
            var value = Noise * RegressionPoints.Normal(random);
            for (var j = 0; j < Features; j++)
            {
                var x = RegressionPoints.Normal(random);
                inputs[(i * Features) + j] = (float)x;
                value += weights[j] * x;
            }

            targets[i] = (float)value;
        }

        return new(Tensor.Share(inputs, count, Features), Tensor.Share(targets, count, 1), Ways: 0);
    }
}

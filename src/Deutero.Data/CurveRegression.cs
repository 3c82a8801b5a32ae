using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Data;

/// <summary>Few-shot regression on measured curves: a task is one curve, its support and query sets are different points of it.</summary>
/// <param name="Source">What the curves are, for reports, for example <c>weather/test</c>.</param>
/// <param name="Curves">The curves, at least one; each has at least as many points as an episode.</param>
public sealed record CurveRegression(string Source, IReadOnlyList<Curve> Curves) : ITaskDistribution
{
    /// <summary>Support points; default 5.</summary>
    public int Shots { get; init; } = 5;

    /// <summary>Query points; default 20.</summary>
    public int Queries { get; init; } = 20;

    /// <inheritdoc/>
    public string Name => $"{Source} {Shots}-shot {Queries}-query";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A curve has fewer points than the episode needs.</exception>
    public Episode Sample(Generator random)
    {
        var curve = Curves[random.Next(Curves.Count)];
        if (curve.Inputs.Count < Shots + Queries)
        {
            throw new ArgumentException($"{Source} has curves of {curve.Inputs.Count} points, but an episode needs {Shots} + {Queries}: ask for fewer shots or queries.");
        }

        var points = random.Choose(Shots + Queries, curve.Inputs.Count);
        var (support, query) = (points[..Shots], points[Shots..]);
        return new(Points(curve, support), Points(curve, query), $"{curve.Name}:{string.Join(',', support)}|{string.Join(',', query)}");
    }

    private static Examples Points(Curve curve, int[] points) => new(
        Tensor.Share(Array.ConvertAll(points, point => curve.Inputs[point]), points.Length, 1),
        Tensor.Share(Array.ConvertAll(points, point => curve.Targets[point]), points.Length, 1), Ways: 0);
}

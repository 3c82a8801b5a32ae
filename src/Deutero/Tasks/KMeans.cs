using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Groups points by the nearest of k centres: Lloyd's descent from the start of k-means++ (Arthur and Vassilvitskii, SODA 2007).</summary>
internal static class KMeans
{
    private const int MostPasses = 100;
    private const int RowsAtOnce = 8192; // distances of so many points to all centres are alive together

    /// <param name="points">Shape <c>[N, D]</c>, floating-point.</param>
    /// <param name="clusters">1 to N.</param>
    /// <param name="random">The only source of randomness.</param>
    /// <returns>The cluster of each point, and the mean squared distance of a point to its centre in each pass.</returns>
    /// <exception cref="ArgumentException">There are fewer points than clusters, or fewer clusters than one.</exception>
    internal static (int[] Assignment, IReadOnlyList<double> Objectives) Fit(Tensor points, int clusters, Generator random)
    {
        using var scope = new TensorScope();
        var count = (int)points.Size(0);
        if (clusters < 1 || clusters > count)
        {
            throw new ArgumentException($"{clusters} clusters were asked for but there are {count} points: ask for 1 to as many as there are points.");
        }

        var centres = Start(points, clusters, random);
        var (assignment, objectives) = (new int[count], new List<double>());
        for (var pass = 0; pass < MostPasses; pass++)
        {
            var (nearest, distances) = Assign(points, centres, clusters);
            objectives.Add(distances.Average());
            if (pass > 0 && nearest.AsSpan().SequenceEqual(assignment))
            {
                break;
            }

            assignment = nearest;
            centres = Means(points, assignment, distances, clusters);
        }

        return (assignment, objectives);
    }

    // Each further centre is a point, drawn in proportion to its squared distance from the nearest of those before.
    private static double[] Start(Tensor points, int clusters, Generator random)
    {
        var (count, width) = ((int)points.Size(0), (int)points.Size(1));
        var centres = new double[clusters * width];
        var nearest = Enumerable.Repeat(double.PositiveInfinity, count).ToArray();
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            var chosen = cluster == 0 ? random.Next(count) : Draw(nearest, random);
            var centre = Row(points, chosen);
            centre.CopyTo(centres, cluster * width);
            var (_, distances) = Assign(points, centre, 1);
            for (var i = 0; i < count; i++)
            {
                nearest[i] = i == chosen ? 0 : Math.Min(nearest[i], distances[i]);
            }
        }

        return centres;
    }

    // Where no distance is left, as all points have a centre of their place: any point.
    private static int Draw(double[] weights, Generator random)
    {
        var left = random.NextDouble() * weights.Sum();
        var last = -1;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                (last, left) = (i, left - weights[i]);
                if (left < 0)
                {
                    return i;
                }
            }
        }

        return last >= 0 ? last : random.Next(weights.Length);
    }

    // ||x − c||² = ||x||² + (||c||² − 2 x·c), of which the first part does not choose.
    private static (int[] Nearest, double[] Distances) Assign(Tensor points, double[] centres, int clusters)
    {
        using var scope = new TensorScope();
        var count = (int)points.Size(0);
        var to = Tensor.From(centres, clusters, points.Size(1)).To(points.DType).T(); // [D, k]
        var norms = to.Square().Sum([0]);
        var (nearest, distances) = (new int[count], new double[count]);
        for (var start = 0; start < count; start += RowsAtOnce)
        {
            using var inner = new TensorScope();
            var rows = points.Narrow(0, start, Math.Min(RowsAtOnce, count - start));
            var (greatest, places) = ((2 * rows.Matmul(to)) - norms).Max(1);
            var squared = (rows.Square().Sum([1]) - greatest).To(DType.Float64).ToArray<double>();
            var chosen = places.ToArray<long>();
            for (var row = 0; row < chosen.Length; row++)
            {
                (nearest[start + row], distances[start + row]) = ((int)chosen[row], Math.Max(0, squared[row]));
            }
        }

        return (nearest, distances);
    }

    // A cluster that has lost all points begins again at the point that is farthest from its centre, a different one for each, which raises no distance.
    private static double[] Means(Tensor points, int[] assignment, double[] distances, int clusters)
    {
        var width = (int)points.Size(1);
        var (sums, counts) = (new double[clusters * width], new int[clusters]);
        for (var start = 0; start < assignment.Length; start += RowsAtOnce)
        {
            using var scope = new TensorScope();
            var values = points.Narrow(0, start, Math.Min(RowsAtOnce, assignment.Length - start)).To(DType.Float64).ToArray<double>();
            for (var i = 0; i < values.Length; i++)
            {
                sums[(assignment[start + (i / width)] * width) + (i % width)] += values[i];
            }
        }

        foreach (var cluster in assignment)
        {
            counts[cluster]++;
        }

        var farthest = new Queue<int>(counts.Contains(0) ? Enumerable.Range(0, assignment.Length).OrderByDescending(i => distances[i]).Take(counts.Count(count => count == 0)) : []);
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            if (counts[cluster] == 0)
            {
                Row(points, farthest.Dequeue()).CopyTo(sums, cluster * width);
                continue;
            }

            for (var j = 0; j < width; j++)
            {
                sums[(cluster * width) + j] /= counts[cluster];
            }
        }

        return sums;
    }

    private static double[] Row(Tensor points, int row)
    {
        using var scope = new TensorScope();
        return points[row].To(DType.Float64).ToArray<double>();
    }
}

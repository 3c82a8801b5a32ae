namespace Deutero.Edge;

/// <summary>The first two principal components of a few points in many dimensions.</summary>
internal static class PrincipalComponents
{
    private const int Sweeps = 60;

    /// <summary>The coordinates of each point, with the sign that makes the largest one positive, and the share of the variance that they show.</summary>
    internal static ((double X, double Y)[] Points, double Share) Of(double[][] points)
    {
        var (values, vectors) = Eigen(Gram(points));
        var total = values.Sum(value => Math.Max(0, value));
        int[] order = [.. Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).Take(2)];
        double[] Axis(int rank)
        {
            var column = Enumerable.Range(0, points.Length).Select(row => vectors[row, order[rank]] * Math.Sqrt(Math.Max(0, values[order[rank]]))).ToArray();
            return column.MaxBy(Math.Abs) < 0 ? [.. column.Select(value => -value)] : column;
        }

        return ([.. Axis(0).Zip(Axis(1))], total > 0 ? order.Sum(i => Math.Max(0, values[i])) / total : 1);
    }

    // Inner products of the centred points: of their eigenvectors, scaled, the coordinates are made.
    private static double[,] Gram(double[][] points)
    {
        var mean = Enumerable.Range(0, points[0].Length).Select(i => points.Average(point => point[i])).ToArray();
        var centred = points.Select(point => point.Zip(mean, (value, centre) => value - centre).ToArray()).ToArray();
        var gram = new double[points.Length, points.Length];
        for (var i = 0; i < points.Length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var product = 0.0;
                for (var k = 0; k < mean.Length; k++)
                {
                    product += centred[i][k] * centred[j][k];
                }

                gram[i, j] = gram[j, i] = product;
            }
        }

        return gram;
    }

    // Jacobi's method: rotations in the planes of two axes make a symmetric matrix diagonal.
    private static (double[] Values, double[,] Vectors) Eigen(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var vectors = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            vectors[i, i] = 1;
        }

        var scale = Enumerable.Range(0, n).Sum(i => Math.Abs(matrix[i, i]));
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var rotated = false;
            for (var p = 0; p < n; p++)
            {
                for (var q = p + 1; q < n; q++)
                {
                    if (Math.Abs(matrix[p, q]) > 1e-14 * scale)
                    {
                        Rotate(matrix, vectors, p, q);
                        rotated = true;
                    }
                }
            }

            if (!rotated)
            {
                break;
            }
        }

        return ([.. Enumerable.Range(0, n).Select(i => matrix[i, i])], vectors);
    }

    private static void Rotate(double[,] matrix, double[,] vectors, int p, int q)
    {
        var theta = (matrix[q, q] - matrix[p, p]) / (2 * matrix[p, q]);
        var t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var cosine = 1 / Math.Sqrt((t * t) + 1);
        var sine = t * cosine;
        var n = matrix.GetLength(0);
        for (var k = 0; k < n; k++)
        {
            (matrix[k, p], matrix[k, q]) = Turned(matrix[k, p], matrix[k, q], cosine, sine);
        }

        for (var k = 0; k < n; k++)
        {
            (matrix[p, k], matrix[q, k]) = Turned(matrix[p, k], matrix[q, k], cosine, sine);
            (vectors[k, p], vectors[k, q]) = Turned(vectors[k, p], vectors[k, q], cosine, sine);
        }
    }

    private static (double First, double Second) Turned(double first, double second, double cosine, double sine) =>
        ((cosine * first) - (sine * second), (sine * first) + (cosine * second));
}

using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Selection;

/// <summary>Numbers that describe a task by its support set alone: what a <see cref="ParadigmSelector"/> chooses by.</summary>
/// <remarks>Distances are Euclidean, between inputs as they are. No query is looked at, so that nothing of what a choice is judged by can leak into it.</remarks>
public static class TaskFeatures
{
    /// <summary>What each number is, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "log ways", "log shots", "log inputs", "label entropy", "nearest neighbour", "nearest centroid", "class spread", "closest classes",
    ];

    /// <summary>The features of a task.</summary>
    /// <param name="support">The support set, with an example of every class.</param>
    /// <returns>
    /// Logarithms of the number of classes, of the mean number of examples of a class, and of the numbers of an input; the entropy of the labels over its
    /// maximum; the accuracies of the nearest other example and of the nearest class mean without the example itself, 0 with one example a class; the
    /// mean distance of examples to their class's mean, and the least distance of two class means, each over the mean distance of two class means.
    /// </returns>
    /// <exception cref="ArgumentException">The task is a regression, or a class has no example.</exception>
    public static double[] Of(Examples support)
    {
        if (!support.IsClassification)
        {
            throw new ArgumentException("A task is described by its classes, but the support set has values instead of class labels.");
        }

        support.RequireEveryClass();
        using var scope = new TensorScope();
        var inputs = support.Inputs.Reshape([support.Count, -1]).To(DType.Float64);
        var (rows, labels) = (inputs.ToArray<double>().Chunk((int)inputs.Size(1)).ToArray(), support.Targets.ToArray<long>());
        var counts = Enumerable.Range(0, support.Ways).Select(label => labels.Count(own => own == label)).ToArray();
        var means = (support with { Inputs = inputs }).ClassMeans(inputs).ToArray<double>().Chunk((int)inputs.Size(1)).ToArray();
        var apart = Pairs(support.Ways).Select(pair => Distance(means[pair.First], means[pair.Second])).ToArray();
        var mean = Math.Max(apart.Average(), double.Epsilon);
        return
        [
            Math.Log(support.Ways), Math.Log((double)support.Count / support.Ways), Math.Log(inputs.Size(1)), Entropy(counts) / Math.Log(support.Ways),
            ByNeighbour(rows, labels), ByCentroid(rows, labels, means, counts),
            Math.Min(1e3, rows.Select((row, i) => Distance(row, means[labels[i]])).Average() / mean), apart.Min() / mean,
        ];
    }

    private static IEnumerable<(int First, int Second)> Pairs(int count) =>
        from first in Enumerable.Range(0, count) from second in Enumerable.Range(first + 1, count - first - 1) select (first, second);

    private static double Entropy(int[] counts) => -counts.Select(count => (double)count / counts.Sum()).Sum(share => share * Math.Log(share));

    // The fraction of examples whose nearest other is of their class.
    private static double ByNeighbour(double[][] rows, long[] labels) => Enumerable.Range(0, rows.Length).Average(i =>
        labels[Enumerable.Range(0, rows.Length).Where(other => other != i).MinBy(other => Distance(rows[i], rows[other]))] == labels[i] ? 1.0 : 0);

    // The same of class means, each without the example that is asked about; an example that is alone in its class counts as wrong.
    private static double ByCentroid(double[][] rows, long[] labels, double[][] means, int[] counts)
    {
        double[] Without(double[] mean, double[] row, int count) => [.. mean.Zip(row, (all, own) => all + ((all - own) / (count - 1)))];
        bool IsRight(int i)
        {
            var (own, count) = ((int)labels[i], counts[labels[i]]);
            return count > 1 && own == Enumerable.Range(0, means.Length).MinBy(label => Distance(rows[i], label == own ? Without(means[own], rows[i], count) : means[label]));
        }

        return Enumerable.Range(0, rows.Length).Average(i => IsRight(i) ? 1.0 : 0);
    }

    private static double Distance(double[] first, double[] second)
    {
        var sum = 0.0;
        for (var i = 0; i < first.Length; i++)
        {
            sum += (first[i] - second[i]) * (first[i] - second[i]);
        }

        return Math.Sqrt(sum);
    }
}

using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Edge;

/// <summary>What a model makes of items before it tells classes apart: its features, or the items' own numbers where nothing was meta-learned.</summary>
internal sealed class Embedding
{
    private readonly IModel _body;
    private readonly Parameters _weights;
    private readonly InputContract _input;

    private Embedding(IModel body, Parameters weights, InputContract input) => (_body, _weights, _input) = (body, weights, input);

    /// <summary>The embedding of a model; null where its parameters are not among the meta-parameters under their own names and shapes.</summary>
    internal static Embedding? Of(IModel model, Parameters theta, InputContract input)
    {
        var body = model.WithShape(input.ItemShape, outputs: 0);
        using var scope = new TensorScope();
        using var random = Generator.Seed(0);
        var expected = body.Init(random);
        var fits = theta.Count == 0 || expected.All(item => theta.Contains(item.Key) && theta[item.Key].Shape.SequenceEqual(item.Value.Shape));
        return fits ? new(body, theta.Where(expected.Contains), input) : null;
    }

    /// <summary>The features of items, which are normalised together under the BatchNorm policies of a batch.</summary>
    internal double[][] Of(IReadOnlyList<float[]> items)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var inputs = Tensor.From(items.SelectMany(item => item).ToArray(), [items.Count, .. _input.ItemShape]);
        var features = _weights.Count == 0 ? inputs.Reshape([items.Count, -1]) : _body.Forward(_weights, inputs);
        return [.. features.To(DType.Float64).ToArray<double>().Chunk((int)features.Size(1))];
    }

    /// <summary>
    /// For each example, how much farther it is from the mean of its class's others than from the nearest mean of another class, as a ratio of squared
    /// distances; null where its class has no other. For a prototypical network, above 1 means that the others would classify it otherwise.
    /// </summary>
    internal double?[] Disagreements(IReadOnlyList<SupportClass> support)
    {
        var features = Of([.. support.SelectMany(one => one.Examples)]);
        var first = 0;
        var members = support.Select(one => features[first..(first += one.Examples.Count)]).ToArray();
        var sums = members.Select(rows => Sum(rows)).ToArray();
        return [.. members.SelectMany((rows, own) => rows.Select(row =>
        {
            if (rows.Length == 1)
            {
                return (double?)null;
            }

            var others = Enumerable.Range(0, members.Length).Where(other => other != own)
                .Min(other => Squared(row, [.. sums[other].Select(sum => sum / members[other].Length)]));
            return Squared(row, [.. sums[own].Zip(row, (sum, value) => (sum - value) / (rows.Length - 1))]) / Math.Max(others, 1e-12);
        }))];
    }

    internal static double Squared(double[] first, double[] second)
    {
        var sum = 0.0;
        for (var i = 0; i < first.Length; i++)
        {
            sum += (first[i] - second[i]) * (first[i] - second[i]);
        }

        return sum;
    }

    private static double[] Sum(double[][] rows)
    {
        var sum = new double[rows[0].Length];
        foreach (var row in rows)
        {
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += row[i];
            }
        }

        return sum;
    }
}

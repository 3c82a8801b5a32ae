using Deutero.Torch;

namespace Deutero.Edge;

/// <summary>Finds what is doubtful about a support set, before it is adapted to.</summary>
internal static class SupportChecks
{
    private const double AllButTheSame = 0.02; // of the squared distance of unrelated images, once their means are taken off
    private const int MostUnbalanced = 4;

    internal static IReadOnlyList<SupportDoubt> Of(
        IReadOnlyList<SupportClass> support, InputContract input, Embedding? embedding, ModelCalibration? calibration) =>
        [.. Sizes(support, calibration), .. Balance(support), .. Duplicates(support, input), .. Disagreements(support, embedding, calibration), .. Far(support, input, calibration)];

    private static IEnumerable<SupportDoubt> Sizes(IReadOnlyList<SupportClass> support, ModelCalibration? calibration)
    {
        if (calibration is null)
        {
            yield break;
        }

        var (ways, least) = (calibration.Figures.Ways, calibration.Figures.Shots.Min());
        if (support.Count > 4 * ways)
        {
            yield return new(DoubtKind.Size, $"There are {support.Count} classes, but probabilities and abstention were calibrated with {ways}.");
        }

        foreach (var one in support.Where(one => one.Examples.Count < least))
        {
            yield return new(DoubtKind.Size, $"Class '{one.Name}' has {Examples(one.Examples.Count)}, but the model was calibrated with at least {least}.");
        }
    }

    private static IEnumerable<SupportDoubt> Balance(IReadOnlyList<SupportClass> support)
    {
        var (least, most) = (support.MinBy(one => one.Examples.Count)!, support.MaxBy(one => one.Examples.Count)!);
        if (most.Examples.Count > MostUnbalanced * least.Examples.Count)
        {
            yield return new(
                DoubtKind.Balance,
                $"Class '{most.Name}' has {Examples(most.Examples.Count)} but class '{least.Name}' only {least.Examples.Count}: answers may lean towards the larger one.");
        }
    }

    // Each example is compared with those before it, and named with the first that it repeats.
    private static IEnumerable<SupportDoubt> Duplicates(IReadOnlyList<SupportClass> support, InputContract input)
    {
        var (items, names) = (support.SelectMany(one => one.Examples).ToArray(), Names(support));
        var distances = input.Image is null ? null : Distances(items);
        for (var i = 1; i < items.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (distances is null ? items[i].AsSpan().SequenceEqual(items[j]) : distances[(i * items.Length) + j] < AllButTheSame)
                {
                    yield return new(DoubtKind.Duplicates, $"{names[i].Text} is all but the same as {(names[i].Class == names[j].Class ? $"example {names[j].Number}" : names[j].Lower)}"
                        + (names[i].Class == names[j].Class ? "." : ": one of them is in the wrong class."));
                    break;
                }
            }
        }
    }

    // Squared distances relative to the mean squared length, [n, n]; 2 (1 - correlation) where the lengths are alike.
    private static float[] Distances(float[][] items)
    {
        using var scope = new TensorScope();
        var values = Tensor.From(items.SelectMany(item => item).ToArray(), [items.Length, items[0].Length]);
        values -= values.Mean([1], keepdim: true);
        var lengths = values.Square().Sum([1], keepdim: true); // [n, 1]
        return ((lengths + lengths.T() - (2 * values.Matmul(values.T()))) / ((0.5 * (lengths + lengths.T())) + 1e-6)).ToArray<float>();
    }

    private static IEnumerable<SupportDoubt> Disagreements(IReadOnlyList<SupportClass> support, Embedding? embedding, ModelCalibration? calibration)
    {
        if (embedding is null || calibration?.Disagreement is not { } limit)
        {
            return [];
        }

        return embedding.Disagreements(support).Zip(Names(support)).Where(pair => pair.First > Math.Max(1, limit)).Select(pair => new SupportDoubt(
            DoubtKind.Disagree, $"{pair.Second.Text} is more like the examples of another class than like the others of its own."));
    }

    private static IEnumerable<SupportDoubt> Far(IReadOnlyList<SupportClass> support, InputContract input, ModelCalibration? calibration) => calibration is null
        ? []
        : support.SelectMany(one => one.Examples).Zip(Names(support)).Where(pair => calibration.Seen.Distance(pair.First, input) > calibration.Seen.Limit)
            .Select(pair => new SupportDoubt(DoubtKind.Far, $"{pair.Second.Text} is unlike anything that the model was trained on."));

    private static (string Class, int Number, string Text, string Lower)[] Names(IReadOnlyList<SupportClass> support) =>
        [.. support.SelectMany(one => one.Examples.Select((_, i) => (one.Name, i + 1, $"Example {i + 1} of class '{one.Name}'", $"example {i + 1} of class '{one.Name}'")))];

    private static string Examples(int count) => count == 1 ? "1 example" : $"{count} examples";
}

namespace Deutero.Learners;

/// <summary>The decision whether two items belong together: they do where their distance is below a threshold.</summary>
/// <param name="Threshold">The distance below which two items count as the same.</param>
/// <param name="Accuracy">The fraction of the pairs it was chosen on that it decides rightly, in [0, 1].</param>
public sealed record Verification(double Threshold, double Accuracy)
{
    /// <summary>Chooses the threshold of the greatest accuracy on pairs that are known: half-way between two neighbouring distances, or beyond all.</summary>
    /// <param name="distances">The distances, at least one.</param>
    /// <param name="same">Whether the items of each pair belong together.</param>
    /// <exception cref="ArgumentException">There are no pairs, or the counts differ.</exception>
    public static Verification Choose(IReadOnlyList<double> distances, IReadOnlyList<bool> same)
    {
        if (distances.Count == 0 || distances.Count != same.Count)
        {
            throw new ArgumentException($"A threshold is chosen on pairs, but there are {distances.Count} distances and {same.Count} answers.");
        }

        var pairs = distances.Zip(same, (distance, answer) => (Distance: distance, Same: answer)).OrderBy(pair => pair.Distance).ToArray();
        var right = pairs.Count(pair => !pair.Same); // of a threshold below all
        var best = new Verification(pairs[0].Distance - 1, (double)right / pairs.Length);
        for (var i = 0; i < pairs.Length; i++)
        {
            right += pairs[i].Same ? 1 : -1;
            var next = i + 1 < pairs.Length ? pairs[i + 1].Distance : pairs[i].Distance + 1;
            if (next > pairs[i].Distance && (double)right / pairs.Length > best.Accuracy)
            {
                best = new((pairs[i].Distance + next) / 2, (double)right / pairs.Length);
            }
        }

        return best;
    }
}

namespace Deutero.Selection;

/// <summary>How every candidate did on one task.</summary>
/// <param name="Family">What kind of task it is, for example <c>5-way 1-shot</c>: a selector is judged on families that it was not fitted to.</param>
/// <param name="Features">What was known before, of its support set.</param>
/// <param name="Scores">By candidate, more being better, such as accuracies.</param>
/// <param name="Seconds">By candidate, what adapting and predicting took, positive.</param>
public sealed record TaskOutcome(string Family, IReadOnlyList<double> Features, IReadOnlyList<double> Scores, IReadOnlyList<double> Seconds)
{
    /// <summary>Each candidate's score less what its time costs: s − κ log(seconds).</summary>
    /// <param name="cost">The price κ of e times the time, at least 0.</param>
    public double[] Utilities(double cost) => [.. Scores.Zip(Seconds, (score, seconds) => cost == 0 ? score : score - (cost * Math.Log(seconds)))];
}

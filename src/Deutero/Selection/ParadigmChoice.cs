namespace Deutero.Selection;

/// <summary>What a selector chose for a task.</summary>
/// <param name="Candidate">The chosen candidate's place.</param>
/// <param name="Expected">The utility that is expected of each candidate.</param>
/// <param name="Confidence">
/// The probability, as far as the fit can tell, that the candidate of the highest expected utility is better on such tasks than the one that is best on the whole; 1
/// where they are the same.
/// </param>
public sealed record ParadigmChoice(int Candidate, IReadOnlyList<double> Expected, double Confidence);

namespace Deutero.Client;

/// <summary>A training in the folder of runs.</summary>
/// <param name="Name">What it is called in requests: the name of its folder.</param>
/// <param name="Status">running, finished, or interrupted: neither of these.</param>
/// <param name="Learner">The meta-learning algorithm.</param>
/// <param name="Data">What it is meta-trained on.</param>
/// <param name="Iteration">The last iteration that was reported; 0 where there is none.</param>
/// <param name="Iterations">The iterations that were asked for.</param>
/// <param name="Changed">When it last reported something.</param>
/// <param name="Score">Its score on held-out tasks; null where it was not evaluated.</param>
public sealed record RunSummary(
    string Name, string Status, string Learner, string Data, int Iteration, int Iterations, DateTimeOffset Changed, RunScore? Score);

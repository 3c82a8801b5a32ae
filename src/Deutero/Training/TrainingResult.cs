namespace Deutero.Training;

/// <summary>How meta-training ended.</summary>
/// <param name="State">The last state; the best model is in it.</param>
/// <param name="Outcome">Why it ended.</param>
/// <param name="Execution">The execution mode that was used.</param>
public sealed record TrainingResult(TrainingState State, TrainingOutcome Outcome, Execution Execution);

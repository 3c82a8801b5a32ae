namespace Deutero.Training;

/// <summary>How far meta-training is.</summary>
/// <param name="Iteration">Outer updates done.</param>
/// <param name="Iterations">Outer updates in all.</param>
/// <param name="Loss">The mean query loss of the last meta-batch.</param>
/// <param name="Accuracy">The mean query accuracy of the last meta-batch; NaN in regression.</param>
/// <param name="TasksPerSecond">Episodes per second since the run was started or resumed.</param>
/// <param name="Elapsed">Time since the run was started or resumed.</param>
/// <param name="Remaining">The time left at this rate.</param>
/// <param name="Validation">The score of a validation that was just done; otherwise null.</param>
public sealed record TrainingProgress(
    int Iteration, int Iterations, double Loss, double Accuracy, double TasksPerSecond, TimeSpan Elapsed, TimeSpan Remaining, Evaluation.Interval? Validation);

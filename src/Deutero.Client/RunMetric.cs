namespace Deutero.Client;

/// <summary>One report of a training.</summary>
/// <param name="Iteration">The iteration, from 1.</param>
/// <param name="Loss">The meta-training loss; null where it was not finite.</param>
/// <param name="Accuracy">The accuracy on the queries of meta-training episodes; null in regression.</param>
/// <param name="Validation">The mean score on validation episodes; null where the iteration was not validated.</param>
/// <param name="ValidationHalfWidth">Half of the width of its 95% confidence interval.</param>
/// <param name="Seconds">Since the training began, interruptions left out.</param>
/// <param name="TasksPerSecond">Episodes learned from in a second.</param>
/// <param name="MemoryMiB">The resident memory of the process; null in logs that do not record it.</param>
public sealed record RunMetric(
    int Iteration, double? Loss, double? Accuracy, double? Validation, double? ValidationHalfWidth, double Seconds, double TasksPerSecond, double? MemoryMiB);

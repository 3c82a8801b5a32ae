namespace Deutero.Training;

/// <summary>Why meta-training ended.</summary>
public enum TrainingOutcome
{
    /// <summary>All iterations were done.</summary>
    Completed,

    /// <summary>Validation had not improved for as long as patience allows.</summary>
    StoppedEarly,

    /// <summary>It was cancelled; the state was saved and the run can be resumed.</summary>
    Cancelled,
}

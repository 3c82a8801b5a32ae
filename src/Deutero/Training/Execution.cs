namespace Deutero.Training;

/// <summary>How the tasks of a meta-batch are executed; all give the same meta-gradient up to rounding.</summary>
public enum Execution
{
    /// <summary>Chosen by measurement where a training begins: see <see cref="MetaTraining.ChooseExecution"/>.</summary>
    Auto,

    /// <summary>One task after the other, each using all intra-op threads.</summary>
    Loop,

    /// <summary>Tasks on .NET threads, one intra-op thread each.</summary>
    Parallel,

    /// <summary>All tasks in one call, along a batch axis that the learner does not see.</summary>
    Vectorised,
}

namespace Deutero.Data;

/// <summary>One of the three disjoint sets of classes of a data set.</summary>
public enum Split
{
    /// <summary>Meta-training classes: what a learner is trained on.</summary>
    Train,

    /// <summary>Meta-validation classes: what settings and checkpoints are chosen on.</summary>
    Validation,

    /// <summary>Meta-test classes: never seen before the final figure.</summary>
    Test,
}

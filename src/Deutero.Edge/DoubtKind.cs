namespace Deutero.Edge;

/// <summary>What can be doubtful about a support set.</summary>
public enum DoubtKind
{
    /// <summary>A class has fewer examples than the model was calibrated with, or there are more than four times as many classes.</summary>
    Size,

    /// <summary>A class has more than four times as many examples as another.</summary>
    Balance,

    /// <summary>Two examples are all but the same.</summary>
    Duplicates,

    /// <summary>An example is more like the examples of another class than like those of its own.</summary>
    Disagree,

    /// <summary>An example is unlike anything in meta-training.</summary>
    Far,
}

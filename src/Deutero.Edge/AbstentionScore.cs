namespace Deutero.Edge;

/// <summary>By what an answer is judged to be none of the classes: the lower the score, the less any class fits.</summary>
public enum AbstentionScore
{
    /// <summary>The calibrated probability of the most probable class, in (0, 1].</summary>
    Probability,

    /// <summary>The largest logit, which for a prototypical network is minus the squared distance to the nearest prototype.</summary>
    Logit,
}

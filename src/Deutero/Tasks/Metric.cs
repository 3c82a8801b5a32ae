namespace Deutero.Tasks;

/// <summary>What the predictions for an episode's queries are scored by.</summary>
public enum Metric
{
    /// <summary>Accuracy for classes, the mean squared error for values.</summary>
    Standard,

    /// <summary>The area under the ROC curve: how often the logit of class 1 exceeds that of class 0 by more for a query of class 1 than for one of class 0.</summary>
    RocAuc,
}

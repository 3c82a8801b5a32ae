namespace Deutero.Learners;

/// <summary>
/// Says that a learner reads the support set one example after the other, so that its predictions depend on the order; it draws one at random for each task.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SequentialAttribute : Attribute;

namespace Deutero.Learners;

/// <summary>Says that a learner's direction is, by design, not the gradient of the loss that it reports, so that finite differences cannot check it.</summary>
/// <param name="definition">What the direction is instead, as a formula.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NotAGradientAttribute(string definition) : Attribute
{
    /// <summary>What the direction is instead, as a formula.</summary>
    public string Definition { get; } = definition;
}

namespace Deutero.Learners;

/// <summary>Says that a learner's prediction for a query depends, by design, on the queries beside it: its results belong into a table of their own.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TransductiveAttribute : Attribute;

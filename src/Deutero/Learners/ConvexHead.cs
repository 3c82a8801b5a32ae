namespace Deutero.Learners;

/// <summary>The convex problem that <see cref="MetaOptNet"/> solves for each task.</summary>
public enum ConvexHead
{
    /// <summary>The dual of a support vector machine of several classes (Crammer and Singer, 2001).</summary>
    SupportVectors,

    /// <summary>Ridge regression on the labels.</summary>
    Ridge,
}

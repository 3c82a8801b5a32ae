namespace Deutero.Testing;

/// <summary>How far a learner's direction is from what it should be.</summary>
/// <param name="Learner">The learner, with the settings that matter.</param>
/// <param name="RelativeError">The norm of the difference over the norm of what was expected; NaN where there is nothing to compare with.</param>
/// <param name="Method">What the direction was compared with.</param>
/// <param name="Tolerance">The greatest relative error that is accepted.</param>
public sealed record Certificate(string Learner, double RelativeError, string Method, double Tolerance)
{
    /// <summary>Whether the error is within the tolerance.</summary>
    public bool Holds => RelativeError <= Tolerance;
}

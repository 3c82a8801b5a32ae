namespace Deutero.Cli.Diagnosis;

/// <summary>One thing that <c>deutero doctor</c> looked at.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="State">How it is.</param>
/// <param name="Found">What was found.</param>
/// <param name="Remedy">What to do about it; empty where nothing is to be done.</param>
public sealed record Finding(string Name, FindingState State, string Found, string Remedy = "")
{
    /// <summary>A finding that is as it should be.</summary>
    /// <param name="name">What was looked at.</param>
    /// <param name="found">What was found.</param>
    public static Finding Ok(string name, string found) => new(name, FindingState.Ok, found);
}

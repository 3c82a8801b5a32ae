namespace Deutero.Learners;

/// <summary>The paper that a learner implements.</summary>
/// <param name="citation">Authors and title.</param>
/// <param name="venue">Where it appeared, with the year.</param>
/// <param name="link">Where to read it.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PaperAttribute(string citation, string venue, string link) : Attribute
{
    /// <summary>Authors and title.</summary>
    public string Citation { get; } = citation;

    /// <summary>Where it appeared, with the year.</summary>
    public string Venue { get; } = venue;

    /// <summary>Where to read it.</summary>
    public string Link { get; } = link;
}

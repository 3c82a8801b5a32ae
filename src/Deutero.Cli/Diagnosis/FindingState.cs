namespace Deutero.Cli.Diagnosis;

/// <summary>How a finding of <c>deutero doctor</c> is to be taken.</summary>
public enum FindingState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, but slower or with less than it could.</summary>
    Warning,

    /// <summary>Something that Deutero needs is not there.</summary>
    Missing,
}

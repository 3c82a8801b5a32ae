namespace Deutero.Client;

/// <summary>The service refused or failed a request: its problem document (RFC 9457).</summary>
/// <param name="status">The HTTP status, such as 404.</param>
/// <param name="kind">What kind of problem it is, such as <c>not-found</c>; empty where the answer was no problem document.</param>
/// <param name="title">The kind in words.</param>
/// <param name="detail">One sentence about what was found and what was expected.</param>
public sealed class DeuteroException(int status, string kind, string title, string detail) : Exception(detail)
{
    /// <summary>The HTTP status, such as 404.</summary>
    public int Status => status;

    /// <summary>What kind of problem it is, such as <c>not-found</c>; empty where the answer was no problem document.</summary>
    public string Kind => kind;

    /// <summary>The kind in words.</summary>
    public string Title => title;

    /// <summary>One sentence about what was found and what was expected; also the message of this exception.</summary>
    public string Detail => Message;
}

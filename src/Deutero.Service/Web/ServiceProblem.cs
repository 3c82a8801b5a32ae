using Deutero.Service.Adaptations;

namespace Deutero.Service.Web;

/// <summary>A request that cannot be answered as asked: becomes a problem document (RFC 9457).</summary>
internal sealed class ServiceProblem(int status, string kind, string title, string detail) : Exception(detail)
{
    internal int Status => status;

    internal string Kind => kind;

    internal string Title => title;

    /// <summary>Seconds after which to try again; null where trying again is no use.</summary>
    internal int? RetryAfter { get; private init; }

    internal static ServiceProblem Invalid(string detail) => new(400, "invalid-request", "The request is not as expected", detail);

    internal static ServiceProblem NotFound(string detail) => new(404, "not-found", "There is no such thing", detail);

    internal static ServiceProblem Conflict(string detail) => new(409, "conflict", "The request does not fit the present state", detail);

    internal static ServiceProblem Unauthorized() =>
        new(401, "unauthorized", "A key is needed", "The request has no valid key: 'Authorization: Bearer KEY' was expected.");

    internal static ServiceProblem Forbidden(string scope) => new(403, "forbidden", "The key does not allow this", $"The key lacks the scope '{scope}'.");

    internal static ServiceProblem ForeignHost(string host) => new(
        403, "foreign-host", "The service is for this machine alone",
        $"The request is for host '{ItemReader.Shortened(host)}', but a service without keys answers to localhost, 127.0.0.1 and [::1] only.");

    internal static ServiceProblem TooFast(int seconds) => new(
        429, "too-many-requests", "Too many requests", "The tenant has used up its requests; try again after the time in Retry-After.")
    {
        RetryAfter = seconds,
    };

    internal static ServiceProblem StoreLost() => new(
        503, "store-unavailable", "The database cannot be reached", "The service's database cannot be reached just now; whether a change was made, a later request shows.")
    {
        RetryAfter = 1,
    };

    internal static ServiceProblem Busy() => new(
        429, "busy", "The service is busy", "As many requests wait as may wait; try again after the time in Retry-After.")
    {
        RetryAfter = 1,
    };
}

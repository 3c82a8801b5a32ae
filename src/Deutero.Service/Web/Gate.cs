using System.Net;
using System.Threading.RateLimiting;
using Deutero.Service.Keys;
using Deutero.Service.Storage;
using Microsoft.AspNetCore.Http;

namespace Deutero.Service.Web;

/// <summary>Lets through who has a key with the scope that the route needs, as often as its tenant may.</summary>
internal sealed class Gate : IDisposable
{
    private const string Scheme = "Bearer ";
    private const int LongestKey = 200;

    private readonly RequestDelegate _next;
    private readonly KeyStore _keys;
    private readonly PartitionedRateLimiter<string> _limiter;

    public Gate(RequestDelegate next, KeyStore keys, ServiceSettings settings)
    {
        (_next, _keys) = (next, keys);
        _limiter = PartitionedRateLimiter.Create<string, string>(tenant => RateLimitPartition.GetTokenBucketLimiter(tenant, _ => new()
        {
            TokenLimit = 2 * settings.RequestsPerSecond, TokensPerPeriod = settings.RequestsPerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        }));
    }

    /// <summary>Whether a host in an address is this machine, whatever a name server says.</summary>
    internal static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    public async Task InvokeAsync(HttpContext context)
    {
        // Without keys, being on this machine is all that is asked for. A page from elsewhere whose name is made to lead here is not.
        if (!_keys.Any && !IsThisMachine(context.Request.Host.Host))
        {
            throw ServiceProblem.ForeignHost(context.Request.Host.Host);
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<ScopeNeeded>() is not { Scope: var scope })
        {
            await _next(context);
            return;
        }

        var actor = ActorOf(context.Request, scope);
        context.Items[typeof(Actor)] = actor;
        using var lease = _limiter.AttemptAcquire(actor.Tenant);
        if (!lease.IsAcquired)
        {
            throw ServiceProblem.TooFast(1);
        }

        await _next(context);
    }

    public void Dispose() => _limiter.Dispose();

    private Actor ActorOf(HttpRequest request, string scope)
    {
        if (!_keys.Any)
        {
            return Actor.Local;
        }

        var header = request.Headers.Authorization.ToString();
        var found = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && header.Length < LongestKey ? _keys.Find(header[Scheme.Length..]) : null;
        return found is null ? throw ServiceProblem.Unauthorized()
            : found.Scopes.Contains(scope) ? new(found.Tenant, found.Name)
            : throw ServiceProblem.Forbidden(scope);
    }
}

using System.Diagnostics;
using Deutero.Service.Keys;
using Deutero.Service.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Deutero.Service.Web;

/// <summary>Logs and counts what was asked and how it was answered, refusals too, but no key and no content.</summary>
internal sealed partial class Measured(RequestDelegate next, ServiceTelemetry telemetry, ILogger<Measured> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        await next(context);
        if (context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<ScopeNeeded>() is not null)
        {
            var time = Stopwatch.GetElapsedTime(started);
            var (method, route, status) = (context.Request.Method, endpoint.RoutePattern.RawText ?? "", context.Response.StatusCode);
            var actor = context.Items[typeof(Actor)] as Actor;
            telemetry.Answered(method, route, status, time);
            LogRequest(method, route, status, time.TotalMilliseconds, actor?.Tenant ?? "-", actor?.Who ?? "-");
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Method} {Route} {Status} in {Milliseconds} ms for {Tenant}/{Who}")]
    private partial void LogRequest(string method, string route, int status, double milliseconds, string tenant, string who);
}

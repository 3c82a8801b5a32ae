using System.Data.Common;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Deutero.Service.Web;

/// <summary>Turns every failure, and every error status without a body, into a problem document (RFC 9457).</summary>
internal sealed partial class ProblemAnswers(RequestDelegate next, ILogger<ProblemAnswers> logger)
{
    private const string ContentType = "application/problem+json";

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            SecureHeaders.Set(context.Response);
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
            {
                await Answer(context, OfStatus(context.Response.StatusCode, context.Request));
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer.
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            await Answer(context, Problem(failure, context.Request, logger));
        }
    }

    private static ServiceProblem OfStatus(int status, HttpRequest request) => status switch
    {
        404 => ServiceProblem.NotFound($"There is no {request.Path}."),
        405 => new(405, "method-not-allowed", "The method is not allowed", $"{request.Path} does not take {request.Method}."),
        413 => new(413, "too-large", "The request is too large", "The body is longer than the service takes."),
        _ => new(status, "refused", ReasonPhrases.GetReasonPhrase(status), $"The request was refused with status {status}."),
    };

    private static async Task Answer(HttpContext context, ServiceProblem problem)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = problem.Status;
        response.ContentType = ContentType;
        SecureHeaders.Set(response);
        if (problem.Status == 401)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (problem.RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = $"{seconds}";
        }

        await JsonSerializer.SerializeAsync(response.Body, Document(problem), cancellationToken: context.RequestAborted);
    }

    internal static Dictionary<string, object> Document(ServiceProblem problem) => new()
    {
        ["type"] = $"urn:deutero:problem:{problem.Kind}", ["title"] = problem.Title, ["status"] = problem.Status, ["detail"] = problem.Message,
    };

    /// <summary>What is answered to a failure; one that is not the caller's is logged.</summary>
    internal static ServiceProblem Problem(Exception failure, HttpRequest request, ILogger logger)
    {
        switch (failure)
        {
            case ServiceProblem problem:
                return problem;
            case BadHttpRequestException bad:
                return bad.StatusCode == 400 ? ServiceProblem.Invalid(bad.Message) : OfStatus(bad.StatusCode, request);
            case DbException { IsTransient: true }:
                LogStore(logger, failure, request.Method, request.Path);
                return ServiceProblem.StoreLost();
            default:
                LogDefect(logger, failure, request.Method, request.Path);
                return new(500, "internal", "The service failed", "This is a defect of the service; its log says more.");
        }
    }

    [LoggerMessage(2, LogLevel.Error, "{Method} {Path} failed, because the database could not be reached")]
    private static partial void LogStore(ILogger logger, Exception failure, string method, string path);

    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void LogDefect(ILogger logger, Exception failure, string method, string path);
}

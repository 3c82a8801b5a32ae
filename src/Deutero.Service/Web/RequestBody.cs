using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Deutero.Service.Web;

/// <summary>Reads request bodies strictly: unknown and repeated properties are mistakes.</summary>
internal static class RequestBody
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, MaxDepth = 16,
    };

    internal static async Task<T> Read<T>(HttpContext context)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new ServiceProblem(
                415, "unsupported-media-type", "The body is not JSON", $"The content type is '{context.Request.ContentType}'; application/json was expected.");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<T>(context.Request.Body, s_options, context.RequestAborted)
                ?? throw ServiceProblem.Invalid("The body is null; an object was expected.");
        }
        catch (JsonException mistake)
        {
            throw ServiceProblem.Invalid($"The body is not as expected at {mistake.Path ?? "$"}: {Reason(mistake.Message)}");
        }
        catch (InvalidOperationException)
        {
            throw ServiceProblem.Invalid("The body is not UTF-8 text in the character set that its content type names.");
        }
    }

    // The serializer appends the path, which is said already, and the line.
    private static string Reason(string message)
    {
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.') + ".";
    }
}

using Deutero.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Deutero.Service.Web;

/// <summary>Request bodies that are packages of models, as 'deutero pack' makes them.</summary>
internal static class PackageBody
{
    internal static readonly string[] ContentTypes = [DeuteroClient.PackageContentType, "application/octet-stream"];

    internal static bool IsSent(HttpRequest request) =>
        request.GetTypedHeaders().ContentType is { } type && ContentTypes.Any(known => type.MediaType.Equals(known, StringComparison.OrdinalIgnoreCase));

    /// <summary>The body, which may be longer than others; reading beyond the limit is answered by 413.</summary>
    internal static Stream Of(HttpContext context, ServiceSettings settings)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = settings.MaxPackageBytes;
        return context.Request.Body;
    }

    /// <summary>Says in the OpenAPI document that a package is bytes, and not the JSON that the route takes too.</summary>
    internal static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        foreach (var type in ContentTypes)
        {
            operation.RequestBody!.Content![type] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } };
        }

        return Task.CompletedTask;
    }
}

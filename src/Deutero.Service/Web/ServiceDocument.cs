using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Deutero.Service.Web;

/// <summary>What the OpenAPI document says beside the routes: what this is, and that keys are sent as bearer tokens.</summary>
internal static class ServiceDocument
{
    private const string Key = "key";

    internal static void Describe(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new()
        {
            Title = "Deutero", Version = "v1", Description = "Learns classes of your own from a few examples. Every mistake is answered by a problem document.",
        };
        document.AddComponent(Key, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key made by 'deutero keys create'; a service without keys needs none.",
        });
        document.Security = [new() { [new(Key, document)] = [] }];
        return Task.CompletedTask;
    });
}

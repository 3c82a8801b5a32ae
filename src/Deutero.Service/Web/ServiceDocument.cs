using Deutero.Client;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Deutero.Service.Web;

/// <summary>What the OpenAPI document says beside the routes: what this is, and that keys are sent as bearer tokens.</summary>
internal static class ServiceDocument
{
    private const string Key = "key";

    internal static void Describe(OpenApiOptions options) => options.AddSchemaTransformer((schema, context, _) =>
    {
        if (context.JsonTypeInfo.Type == typeof(Item))
        {
            DescribeItem(schema);
        }

        return Task.CompletedTask;
    }).AddDocumentTransformer((document, _, _) =>
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

    // An item is written by a converter, which tells no schema.
    private static void DescribeItem(OpenApiSchema schema)
    {
        schema.Description = "What the model takes: an image, numbers, a text, or a row of a table.";
        schema.OneOf =
        [
            new OpenApiSchema { Type = JsonSchemaType.String, Format = "byte", Description = "A whole PNG or JPEG file in base64." },
            new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Number, Format = "float" }, Description = "Numbers, row by row." },
            Named("text", new() { Type = JsonSchemaType.String }),
            Named("row", new()
            {
                Type = JsonSchemaType.Object, Description = "The cells by column; one that is null or left out is missing.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Number | JsonSchemaType.String | JsonSchemaType.Null },
            }),
        ];
    }

    private static OpenApiSchema Named(string name, OpenApiSchema content) => new()
    {
        Type = JsonSchemaType.Object, Required = new HashSet<string> { name }, AdditionalPropertiesAllowed = false,
        Properties = new Dictionary<string, IOpenApiSchema> { [name] = content },
    };
}

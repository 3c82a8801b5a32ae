using Microsoft.AspNetCore.Builder;

namespace Deutero.Service.Web;

/// <summary>The page that shows the OpenAPI document, and lets one try its requests.</summary>
internal static class Explorer
{
    private const string Place = "explorer";

    internal static void Use(IApplicationBuilder application)
    {
        application.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments($"/{Place}", StringComparison.OrdinalIgnoreCase))
            {
                SecureHeaders.SetForExplorer(context.Response);
            }

            return next(context);
        });
        application.UseSwaggerUI(page =>
        {
            page.RoutePrefix = Place;
            page.DocumentTitle = "Deutero: requests of the adaptation service";
            page.SwaggerEndpoint("/openapi/v1.json", "The adaptation service");
        });
    }
}

using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Deutero.Service.Web;

/// <summary>Serves the studio: one route for each file that the build embedded, so that no request can name another.</summary>
internal static class StudioRoutes
{
    private const string Prefix = "studio/";
    private const string Index = "index.html";

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var names = typeof(StudioRoutes).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToArray();
        foreach (var name in names)
        {
            var file = Read(name);
            routes.MapGet($"/{(file.Name == Index ? "" : file.Name)}", (HttpContext http) => Send(http, file)).ExcludeFromDescription().WithMetadata(new StudioContent());
        }

        if (names.Length == 0)
        {
            routes.MapGet("/", () => Results.Text(
                "The studio was not built, because there was no Node.js when Deutero was: install Node.js 18 or later with npm, and build again. "
                + "The service itself works: see /openapi/v1.json.\n")).ExcludeFromDescription().WithMetadata(new StudioContent());
        }
    }

    private static Task Send(HttpContext http, StudioFile file)
    {
        var response = http.Response;
        SecureHeaders.SetForStudio(response);
        response.ContentType = file.ContentType;
        response.Headers.Vary = "Accept-Encoding";

        // Vite puts a hash of the content into the names of assets; all others can change with the next build.
        response.Headers.CacheControl = file.Name.StartsWith("assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        var compressed = http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (compressed)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        var content = compressed ? file.Compressed : file.Content;
        response.ContentLength = content.Length;
        return response.Body.WriteAsync(content, 0, content.Length, http.RequestAborted);
    }

    private static StudioFile Read(string resource)
    {
        using var stream = typeof(StudioRoutes).Assembly.GetManifestResourceStream(resource)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
        }

        var name = resource[Prefix.Length..].Replace('\\', '/');
        return new(name, ContentType(name), content, compressed.ToArray());
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private sealed record StudioFile(string Name, string ContentType, byte[] Content, byte[] Compressed);
}

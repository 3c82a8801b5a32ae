using Microsoft.AspNetCore.Http;

namespace Deutero.Service.Web;

/// <summary>Headers that keep browsers from doing anything with an answer but read it, and with the studio but show it.</summary>
internal static class SecureHeaders
{
    internal static void Set(HttpResponse response)
    {
        var headers = response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
    }

    /// <summary>The studio's files run the studio's own script and styles, and ask this service; nothing else, and in no frame.</summary>
    internal static void SetForStudio(HttpResponse response)
    {
        Set(response);
        response.Headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }
}

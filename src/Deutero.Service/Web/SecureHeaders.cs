using Microsoft.AspNetCore.Http;

namespace Deutero.Service.Web;

/// <summary>Headers that keep browsers from doing anything with an answer but read it.</summary>
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
}

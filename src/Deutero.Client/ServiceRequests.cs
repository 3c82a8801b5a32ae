using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Deutero.Client;

/// <summary>Sends requests with the key, again where the service was too busy, and turns refusals into exceptions.</summary>
internal sealed class ServiceRequests
{
    private const int LongestText = 200;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly Uri _address;
    private readonly string? _key;

    internal ServiceRequests(HttpClient http, string? key)
    {
        var address = http.BaseAddress ?? throw new ArgumentException("The HTTP client has no base address; that of the service was expected.", nameof(http));
        (Http, _key) = (http, key);

        // A relative path replaces what follows the last slash.
        _address = address.AbsolutePath.EndsWith('/') ? address : new(address.AbsoluteUri + "/");
    }

    internal HttpClient Http { get; }

    internal int Retries { get; set; } = 5;

    internal TimeSpan LongestWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The answer to a request, which succeeded; its body is still to be read. A file is sent as a package, anything else as JSON.</summary>
    internal async Task<HttpResponseMessage> Send(HttpMethod method, string path, object? body, CancellationToken cancellation, string? accept = null)
    {
        for (var retry = 0; ; retry++)
        {
            using var request = Request(method, path, body, accept);
            var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode)
            {
                return answer;
            }

            using (answer)
            {
                var wait = WaitOf(answer);
                if (answer.StatusCode != HttpStatusCode.TooManyRequests || retry == Retries || wait > LongestWait)
                {
                    throw Problem(await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false), (int)answer.StatusCode);
                }

                await Task.Delay(wait, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The exception of a problem document, or of whatever was answered in place of one.</summary>
    internal static DeuteroException Problem(string text, int status)
    {
        try
        {
            if (JsonSerializer.Deserialize<ProblemDocument>(text, s_json) is { Detail: { } detail } problem)
            {
                return new(status == 0 ? problem.Status : status, problem.Type?.Split(':')[^1] ?? "", problem.Title ?? "", detail);
            }
        }
        catch (JsonException)
        {
            // Something between us and the service answered.
        }

        return new(status, "", "", $"The service answered {status} without a problem document: {(text.Length <= LongestText ? text : text[..LongestText] + "...")}");
    }

    private static TimeSpan WaitOf(HttpResponseMessage answer)
    {
        var wait = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - TimeProvider.System.GetUtcNow(),
            _ => TimeSpan.FromSeconds(1),
        };
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, object? body, string? accept)
    {
        var request = new HttpRequestMessage(method, new Uri(_address, path)) { Content = Content(body) };
        request.Headers.ExpectContinue = body is FileInfo ? true : null; // what is refused for its header is not sent
        request.Headers.Authorization = _key is null ? null : new AuthenticationHeaderValue("Bearer", _key);
        if (accept is not null)
        {
            request.Headers.Accept.Add(new(accept));
        }

        return request;
    }

    private static HttpContent? Content(object? body) => body switch
    {
        null => null,
        FileInfo file => new StreamContent(file.OpenRead()) { Headers = { ContentType = new(DeuteroClient.PackageContentType) } },
        _ => JsonContent.Create(body, body.GetType(), options: s_json),
    };

    private sealed record ProblemDocument(string? Type, string? Title, int Status, string? Detail);
}

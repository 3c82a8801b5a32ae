using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Deutero.Client;

/// <summary>Asks an adaptation service. Any number of threads may use one client at the same time.</summary>
/// <remarks>
/// Every method throws <see cref="DeuteroException"/> where the service refuses, <see cref="HttpRequestException"/> or <see cref="IOException"/> where it cannot be
/// reached or the connection ends, and <see cref="OperationCanceledException"/> where the caller cancels or the time-out of the HTTP client has passed (100 seconds, unless the
/// caller's own client says otherwise). A request that is answered by 429 was not carried out, and is sent again after the time that the service names.
/// </remarks>
public sealed class DeuteroClient : IDisposable
{
    /// <summary>The content type of a package of a model.</summary>
    public const string PackageContentType = "application/vnd.deutero.package";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly HttpClient? _owned;
    private readonly ServiceRequests _requests;

    /// <summary>A client of the service at an address.</summary>
    /// <param name="address">Where it listens, such as http://localhost:5080.</param>
    /// <param name="key">The key of a service that has keys; it is sent to that address alone.</param>
    public DeuteroClient(Uri address, string? key = null)
        : this(new HttpClient { BaseAddress = address }, key) => _owned = _requests.Http;

    /// <summary>A client that sends its requests through another one, which says how: certificates, proxies, time-outs.</summary>
    /// <param name="http">Has the address of the service as its base address; disposed by its owner.</param>
    /// <param name="key">The key of a service that has keys.</param>
    /// <exception cref="ArgumentException">The HTTP client has no base address.</exception>
    public DeuteroClient(HttpClient http, string? key = null) => _requests = new(http, key);

    /// <summary>How often a request is sent again that the service was too busy for; default 5, and 0 for never.</summary>
    public int Retries { get => _requests.Retries; init => _requests.Retries = value; }

    /// <summary>The longest time to wait before a request is sent again; a service that names a longer one is not asked again. Default 30 seconds.</summary>
    public TimeSpan LongestWait { get => _requests.LongestWait; init => _requests.LongestWait = value; }

    /// <summary>Whether the service has a model and can answer.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task<bool> IsReady(CancellationToken cancellation = default)
    {
        try
        {
            await Tell(HttpMethod.Get, "health/ready", cancellation).ConfigureAwait(false);
            return true;
        }
        catch (DeuteroException unready) when (unready.Status == 503)
        {
            return false;
        }
    }

    /// <summary>The models that are loaded.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<ModelState>> Models(CancellationToken cancellation = default) =>
        (await Get<ModelList>("v1/models", cancellation).ConfigureAwait(false)).Models;

    /// <summary>One model.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<ModelState> Model(string name, CancellationToken cancellation = default) => Get<ModelState>($"v1/models/{Escaped(name)}", cancellation);

    /// <summary>Loads a model from the operator's folder, in place of the one of its name where there is one.</summary>
    /// <param name="name">What it shall be called in requests.</param>
    /// <param name="path">Where it is in the operator's folder.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<ModelState> LoadModel(string name, string path, CancellationToken cancellation = default) =>
        Ask<ModelState>(HttpMethod.Put, $"v1/models/{Escaped(name)}", new NewModel(path), cancellation);

    /// <summary>Sends a package, which the service keeps, and serves its model, in place of the one of its name where there is one.</summary>
    /// <param name="name">What it shall be called in requests.</param>
    /// <param name="package">A file made by <c>deutero pack</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<ModelState> UploadModel(string name, FileInfo package, CancellationToken cancellation = default) =>
        Ask<ModelState>(HttpMethod.Put, $"v1/models/{Escaped(name)}", package, cancellation);

    /// <summary>Serves a model no longer.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task RetireModel(string name, CancellationToken cancellation = default) => Tell(HttpMethod.Delete, $"v1/models/{Escaped(name)}", cancellation);

    /// <summary>Learns the classes of a support set: version 1 of a new adaptation.</summary>
    /// <param name="request">The model and the classes.</param>
    /// <param name="cancellation">Gives up; the adaptation may be made nevertheless.</param>
    public Task<AdaptationState> Create(NewAdaptation request, CancellationToken cancellation = default) =>
        Ask<AdaptationState>(HttpMethod.Post, "v1/adaptations", request, cancellation);

    /// <summary>Does what <see cref="Create"/> does, and tells how far it has come.</summary>
    /// <param name="request">The model and the classes.</param>
    /// <param name="cancellation">Gives up; the adaptation may be made nevertheless.</param>
    /// <returns>Events, of which the last has the result.</returns>
    public IAsyncEnumerable<AdaptationEvent> WatchCreate(NewAdaptation request, CancellationToken cancellation = default) =>
        Watch("v1/adaptations", request, cancellation);

    /// <summary>Makes a new version of an adaptation, and makes it current; the old ones stay.</summary>
    /// <param name="id">The adaptation.</param>
    /// <param name="change">What is added and what is left out.</param>
    /// <param name="cancellation">Gives up; the version may be made nevertheless.</param>
    public Task<AdaptationState> Change(string id, Change change, CancellationToken cancellation = default) =>
        Ask<AdaptationState>(HttpMethod.Post, $"{PathOf(id)}/versions", change, cancellation);

    /// <summary>Does what <see cref="Change"/> does, and tells how far it has come.</summary>
    /// <param name="id">The adaptation.</param>
    /// <param name="change">What is added and what is left out.</param>
    /// <param name="cancellation">Gives up; the version may be made nevertheless.</param>
    /// <returns>Events, of which the last has the result.</returns>
    public IAsyncEnumerable<AdaptationEvent> WatchChange(string id, Change change, CancellationToken cancellation = default) =>
        Watch($"{PathOf(id)}/versions", change, cancellation);

    /// <summary>Makes a version current.</summary>
    /// <param name="id">The adaptation.</param>
    /// <param name="version">The version.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<AdaptationState> RollBack(string id, int version, CancellationToken cancellation = default) =>
        Ask<AdaptationState>(HttpMethod.Post, $"{PathOf(id)}/rollback", new Rollback(version), cancellation);

    /// <summary>Deletes an adaptation for good, with all its versions.</summary>
    /// <param name="id">The adaptation.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task Delete(string id, CancellationToken cancellation = default) => Tell(HttpMethod.Delete, PathOf(id), cancellation);

    /// <summary>Deletes an example for good, from every version.</summary>
    /// <param name="id">The adaptation.</param>
    /// <param name="example">The number of the example.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task DeleteExample(string id, long example, CancellationToken cancellation = default) =>
        Tell(HttpMethod.Delete, $"{PathOf(id)}/examples/{example}", cancellation);

    /// <summary>All adaptations of the tenant, in order of their ids; asked for page by page.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<AdaptationSummary> Adaptations([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (string? after = ""; after is not null;)
        {
            var page = await Get<AdaptationList>($"v1/adaptations?after={Escaped(after)}", cancellation).ConfigureAwait(false);
            foreach (var one in page.Adaptations)
            {
                yield return one;
            }

            after = page.Next;
        }
    }

    /// <summary>An adaptation in one of its versions.</summary>
    /// <param name="id">The adaptation.</param>
    /// <param name="version">The version; null shows the current one.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<AdaptationState> Adaptation(string id, int? version = null, CancellationToken cancellation = default) =>
        Get<AdaptationState>(version is { } number ? $"{PathOf(id)}/versions/{number}" : PathOf(id), cancellation);

    /// <summary>All versions of an adaptation.</summary>
    /// <param name="id">The adaptation.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<VersionList> Versions(string id, CancellationToken cancellation = default) => Get<VersionList>($"{PathOf(id)}/versions", cancellation);

    /// <summary>Classifies items.</summary>
    /// <param name="id">The adaptation.</param>
    /// <param name="request">The items.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<Predictions> Predict(string id, NewPredictions request, CancellationToken cancellation = default) =>
        Ask<Predictions>(HttpMethod.Post, $"{PathOf(id)}/predictions", request, cancellation);

    /// <summary>Explains the answer to one item.</summary>
    /// <param name="id">The adaptation.</param>
    /// <param name="request">The item.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<ExplanationState> Explain(string id, NewExplanation request, CancellationToken cancellation = default) =>
        Ask<ExplanationState>(HttpMethod.Post, $"{PathOf(id)}/explanations", request, cancellation);

    /// <summary>The tenant's audit log, each line as the service wrote it, so that its hash is that which the next line names; asked for page by page.</summary>
    /// <param name="after">The number of the line after which to begin; 0 for all lines.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<string> Audit(long after = 0, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (true)
        {
            using var answer = await _requests.Send(HttpMethod.Get, $"v1/audit?after={after}", null, cancellation).ConfigureAwait(false);
            var lines = (await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            foreach (var line in lines)
            {
                yield return line;
            }

            if (lines.Length == 0)
            {
                yield break;
            }

            after += lines.Length;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _owned?.Dispose();

    private static string PathOf(string id) => $"v1/adaptations/{Escaped(id)}";

    private static string Escaped(string text) => Uri.EscapeDataString(text);

    private static T Parsed<T>(string json) => JsonSerializer.Deserialize<T>(json, s_json)!;

    private Task<T> Get<T>(string path, CancellationToken cancellation) => Ask<T>(HttpMethod.Get, path, null, cancellation);

    private async Task<T> Ask<T>(HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        using var answer = await _requests.Send(method, path, body, cancellation).ConfigureAwait(false);
        return (await answer.Content.ReadFromJsonAsync<T>(s_json, cancellation).ConfigureAwait(false))!;
    }

    private async Task Tell(HttpMethod method, string path, CancellationToken cancellation)
    {
        using var answer = await _requests.Send(method, path, null, cancellation).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<AdaptationEvent> Watch(string path, object body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var answer = await _requests.Send(HttpMethod.Post, path, body, cancellation, "text/event-stream").ConfigureAwait(false);
        using var stream = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await foreach (var one in SseParser.Create(stream).EnumerateAsync(cancellation).ConfigureAwait(false))
        {
            switch (one.EventType)
            {
                case "progress":
                    yield return new(Parsed<AdaptationProgress>(one.Data), null);
                    break;
                case "result":
                    yield return new(null, Parsed<AdaptationState>(one.Data));
                    yield break;
                case "problem":
                    throw ServiceRequests.Problem(one.Data, status: 0);
            }
        }

        throw new HttpRequestException("The service ended the stream before the result.");
    }
}

using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Deutero.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Deutero.Service.Web;

/// <summary>
/// Answers with the result of an adaptation, or, to who accepts <c>text/event-stream</c>, with events: <c>progress</c> as it goes on, and <c>result</c> or
/// <c>problem</c> at the end.
/// </summary>
internal static class AdaptationStream
{
    private const string EventStream = "text/event-stream";

    internal static async Task<IResult> Answer(
        HttpContext http, Func<Action<AdaptationProgress>?, Task<AdaptationState>> adapt, Func<AdaptationState, string> location)
    {
        if (!http.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(EventStream, StringComparison.OrdinalIgnoreCase)))
        {
            var made = await adapt(null);
            return TypedResults.Created(location(made), made);
        }

        var progress = Channel.CreateUnbounded<AdaptationProgress>();
        var adapting = Finish(adapt(update => progress.Writer.TryWrite(update)), progress.Writer);

        // What is refused before anything was adapted is refused by its status, as without a stream.
        if (!await progress.Reader.WaitToReadAsync(http.RequestAborted))
        {
            await adapting;
        }

        return TypedResults.ServerSentEvents(Events(progress.Reader, adapting, http, http.RequestAborted));
    }

    private static async Task<AdaptationState> Finish(Task<AdaptationState> adapting, ChannelWriter<AdaptationProgress> progress)
    {
        try
        {
            return await adapting;
        }
        finally
        {
            progress.Complete();
        }
    }

    private static async IAsyncEnumerable<SseItem<object>> Events(
        ChannelReader<AdaptationProgress> progress, Task<AdaptationState> adapting, HttpContext http, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var update in progress.ReadAllAsync(cancellation))
        {
            yield return new(update, "progress");
        }

        yield return await Last(adapting, http);
    }

    private static async Task<SseItem<object>> Last(Task<AdaptationState> adapting, HttpContext http)
    {
        try
        {
            return new(await adapting, "result");
        }
        catch (Exception failure) when (!http.RequestAborted.IsCancellationRequested)
        {
            var logger = http.RequestServices.GetRequiredService<ILogger<ProblemAnswers>>();
            return new(ProblemAnswers.Document(ProblemAnswers.Problem(failure, http.Request, logger)), "problem");
        }
    }
}

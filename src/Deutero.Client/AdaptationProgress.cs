namespace Deutero.Client;

/// <summary>How far an adaptation has come: an event <c>progress</c> of the stream that is answered to <c>Accept: text/event-stream</c>.</summary>
/// <param name="Stage"><c>examples</c>: they were read and checked; <c>steps</c>: so many inner steps are done; <c>adapted</c>: the classes are learned.</param>
/// <param name="Done">Examples, or inner steps, that are done.</param>
/// <param name="Of">How many there are.</param>
public sealed record AdaptationProgress(string Stage, int Done, int Of);

namespace Deutero.Client;

/// <summary>One event of an adaptation that is watched: how far it has come, or, at the end, what it made.</summary>
/// <param name="Progress">How far it has come; null in the last event.</param>
/// <param name="Result">What was made; null in all events but the last.</param>
public sealed record AdaptationEvent(AdaptationProgress? Progress, AdaptationState? Result);

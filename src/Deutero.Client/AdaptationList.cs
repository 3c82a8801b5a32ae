namespace Deutero.Client;

/// <summary>A page of the list of adaptations.</summary>
/// <param name="Adaptations">The adaptations, in order of their ids.</param>
/// <param name="Next">What to ask for as <c>after</c> to get the next page; null at the end.</param>
public sealed record AdaptationList(IReadOnlyList<AdaptationSummary> Adaptations, string? Next);

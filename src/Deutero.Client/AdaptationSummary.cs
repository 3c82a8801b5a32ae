namespace Deutero.Client;

/// <summary>One line of the list of adaptations.</summary>
/// <param name="Id">What it is called in requests.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Model">The name of its model.</param>
/// <param name="Current">Its current version.</param>
/// <param name="Created">When it was created.</param>
public sealed record AdaptationSummary(string Id, string Name, string Model, int Current, DateTimeOffset Created);

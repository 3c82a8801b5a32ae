namespace Deutero.Client;

/// <summary>The models that are loaded.</summary>
/// <param name="Models">The models, in order of their names.</param>
public sealed record ModelList(IReadOnlyList<ModelState> Models);

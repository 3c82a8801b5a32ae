namespace Deutero.Client;

/// <summary>Where an item lies on the map of the embedding of the examples and the item: their first two principal components.</summary>
/// <param name="X">Along the first component.</param>
/// <param name="Y">Along the second.</param>
/// <param name="Share">The share of the variance that the two components show, in [0, 1].</param>
public sealed record MapState(double X, double Y, double Share);

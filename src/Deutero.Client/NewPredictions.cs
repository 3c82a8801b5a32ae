namespace Deutero.Client;

/// <summary>What is to be classified.</summary>
/// <param name="Items">At least one item.</param>
/// <param name="Version">The version to ask; null asks the current one.</param>
/// <param name="Invert">Whether images are turned from dark ink on bright paper into bright ink on a dark ground: auto, yes or no.</param>
/// <param name="Threshold">The score below which an item is none of the classes; null takes the one that was learned on held-out tasks.</param>
public sealed record NewPredictions(IReadOnlyList<Item> Items, int? Version = null, string Invert = "auto", double? Threshold = null);

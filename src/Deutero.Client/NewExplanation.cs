namespace Deutero.Client;

/// <summary>An answer that is to be explained.</summary>
/// <param name="Item">The item that is asked about.</param>
/// <param name="Version">The version to ask; null asks the current one.</param>
/// <param name="Invert">Whether images are turned from dark ink on bright paper into bright ink on a dark ground: auto, yes or no.</param>
/// <param name="Threshold">The score below which the item is none of the classes; null takes the one that was learned on held-out tasks.</param>
public sealed record NewExplanation(Item Item, int? Version = null, string Invert = "auto", double? Threshold = null);

namespace Deutero.Client;

/// <summary>What an example has to do with an answer.</summary>
/// <param name="Id">Its number within the adaptation.</param>
/// <param name="Class">Its class.</param>
/// <param name="Influence">
/// How much the logarithm of the answer's probability falls when the example is left out and everything is adapted anew: positive where it speaks for the answer; null where
/// its class would be empty without it, and is the answer or cannot be left out.
/// </param>
/// <param name="Distance">The distance of the item in the embedding; null where the model has none.</param>
/// <param name="X">Where it lies on the map, along the first principal component.</param>
/// <param name="Y">The same along the second.</param>
public sealed record ExplainedExampleState(long Id, string Class, double? Influence, double? Distance, double? X, double? Y);

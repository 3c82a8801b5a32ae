namespace Deutero.Edge;

/// <summary>What an example of the support set has to do with an answer.</summary>
/// <param name="Class">The index of its class.</param>
/// <param name="Example">Its index within the class.</param>
/// <param name="Influence">
/// How much the logarithm of the answer's probability falls when the example is left out and everything is adapted anew: positive where it speaks for the answer; null where
/// its class would be empty without it, and is the answer or cannot be left out.
/// </param>
/// <param name="Distance">The distance of the item in the embedding; null where the model has none.</param>
/// <param name="X">Where it lies on the map, along the first principal component.</param>
/// <param name="Y">The same along the second.</param>
public sealed record ExplainedExample(int Class, int Example, double? Influence, double? Distance, double? X, double? Y);

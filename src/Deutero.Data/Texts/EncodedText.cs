namespace Deutero.Data;

/// <summary>A text as <see cref="TextFeatures"/> keeps it in memory.</summary>
/// <param name="Places">Where its bag is not 0.</param>
/// <param name="Values">What the bag is there.</param>
/// <param name="Words">The rows of its words among the vectors; -1 for one that has none.</param>
/// <param name="Rarities">The inverse document frequencies of its words.</param>
internal sealed record EncodedText(int[] Places, float[] Values, int[] Words, float[] Rarities);

namespace Deutero.Data;

/// <summary>How texts become numbers.</summary>
public sealed record TextOptions
{
    /// <summary>The places of the bag that words and n-grams are hashed into; a power of two keeps the hash even.</summary>
    /// <value>4,096 by default, at least 16.</value>
    public int Buckets { get; init; } = 4096;

    /// <summary>Whether pairs of neighbouring words and runs of three to five characters are hashed too, at half the weight of words.</summary>
    /// <value>True by default; false makes the bag plain TF-IDF of words.</value>
    public bool NGrams { get; init; } = true;

    /// <summary>The words of a text, from the first, whose vectors are given beside the bag; 0 for none.</summary>
    /// <value>0 by default.</value>
    public int Words { get; init; }
}

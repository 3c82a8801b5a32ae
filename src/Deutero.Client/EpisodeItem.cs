namespace Deutero.Client;

/// <summary>One item of an episode.</summary>
/// <param name="Target">Its class from 0, or the first of the values to predict.</param>
/// <param name="Pixels">Images as bytes from 0 to 255, channels first, row by row; null for other items.</param>
/// <param name="Values">The numbers of an item that is no image; null for images.</param>
public sealed record EpisodeItem(double Target, byte[]? Pixels, IReadOnlyList<float>? Values);

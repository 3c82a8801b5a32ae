namespace Deutero.Client;

/// <summary>What a model takes.</summary>
/// <param name="Shape">The shape of one item; images are channels, height, width.</param>
/// <param name="Images">Whether PNG and JPEG files are taken, too.</param>
/// <param name="InkIsBright">Whether the model learned bright ink on a dark ground.</param>
public sealed record InputState(IReadOnlyList<long> Shape, bool Images, bool InkIsBright);

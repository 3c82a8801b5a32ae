namespace Deutero.Client;

/// <summary>What a model takes.</summary>
/// <param name="Shape">The shape of the numbers of one item; of images channels, height, width.</param>
/// <param name="Images">Whether PNG and JPEG files are taken, too.</param>
/// <param name="InkIsBright">Whether the model learned bright ink on a dark ground.</param>
/// <param name="Kind">What items are: images, numbers, texts or rows.</param>
/// <param name="Columns">The columns of rows; null where items are something else.</param>
public sealed record InputState(IReadOnlyList<long> Shape, bool Images, bool InkIsBright, string Kind = "", IReadOnlyList<ColumnState>? Columns = null);

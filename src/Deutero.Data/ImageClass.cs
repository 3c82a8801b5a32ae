namespace Deutero.Data;

/// <summary>One class of images: its name and where its images are in an <see cref="ImageBuffer"/>.</summary>
/// <param name="Name">A name that is stable across runs and unique in the data set, for example <c>Greek/character03</c>.</param>
/// <param name="Rows">The indices of its images, in a stable order.</param>
public sealed record ImageClass(string Name, IReadOnlyList<int> Rows)
{
    /// <summary>The group that it belongs to, for example its alphabet; empty where there are no groups.</summary>
    public string Group { get; init; } = "";
}

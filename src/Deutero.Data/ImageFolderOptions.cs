namespace Deutero.Data;

/// <summary>How a folder of images is read.</summary>
public sealed record ImageFolderOptions
{
    /// <summary>Pixels a side, 1 to 1024: images are resized to a square, whatever their aspect.</summary>
    /// <value>32.</value>
    public int Size { get; init; } = 32;

    /// <summary>1 for grey or 3 for RGB.</summary>
    /// <value>3.</value>
    public int Channels { get; init; } = 3;

    /// <summary>How classes are split where the folder has no <c>train</c>, <c>val</c> and <c>test</c> folders of its own.</summary>
    public ClassFractions Fractions { get; init; } = new();
}

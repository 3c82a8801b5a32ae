namespace Deutero.Cli.Runs;

/// <summary>Where a run's tasks come from.</summary>
public sealed record DataSettings
{
    /// <summary>glyphs, omniglot, omniglot-lake, tiny-imagenet32, sinusoid, polynomials, sinusoids-and-lines, gaussian-processes, linear-regressions, synthetic-tables, weather, growth, folder:PATH or csv:PATH; default glyphs.</summary>
    public string Name { get; init; } = "glyphs";

    /// <summary>The folder of the data sets; empty looks in DEUTERO_DATA, ../shared/data and the cache; default empty.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Height and width that the images of a folder are resized to, in pixels; default 28.</summary>
    public int ImageSize { get; init => field = value is >= 16 and <= 256 ? value : throw new ArgumentOutOfRangeException(nameof(ImageSize), value, "ImageSize must be between 16 and 256."); } = 28;

    /// <summary>Colour channels that the images of a folder are read with, 1 or 3; default 1.</summary>
    public int ImageChannels { get; init => field = value is 1 or 3 ? value : throw new ArgumentOutOfRangeException(nameof(ImageChannels), value, "ImageChannels must be 1 or 3."); } = 1;
}

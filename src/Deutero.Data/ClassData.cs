using Deutero.Evaluation;
using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>A data set for few-shot classification: three pools that share no class.</summary>
/// <param name="Name">What it is called in reports, for example <c>omniglot</c>.</param>
/// <param name="Train">Meta-training classes.</param>
/// <param name="Validation">Meta-validation classes.</param>
/// <param name="Test">Meta-test classes.</param>
public sealed record ClassData(string Name, IClassPool Train, IClassPool Validation, IClassPool Test)
{
    /// <summary>The pool of a split.</summary>
    /// <param name="split">Which of the three.</param>
    public IClassPool this[Split split] => split switch
    {
        Split.Train => Train,
        Split.Validation => Validation,
        _ => Test,
    };

    /// <summary>Opens a data set by the name that the command line and run files use.</summary>
    /// <param name="name">
    /// <c>glyphs</c> (built in; scripts of the splits differ; meta-training classes also rotated by quarter turns),
    /// <c>omniglot</c> (Vinyals split with rotations), <c>omniglot-lake</c> (background and evaluation alphabets),
    /// <c>tiny-imagenet32</c>, <c>folder:PATH</c> (the user's images), <c>csv:PATH</c> or <c>csv:PATH#LABEL</c> (the user's table).
    /// </param>
    /// <param name="dataFolder">The folder of the named data sets, or <see langword="null"/> to look in the usual places.</param>
    /// <param name="images">How <c>folder:</c> images are read, or <see langword="null"/> for the defaults.</param>
    /// <returns>Three pools that share no class.</returns>
    /// <exception cref="ArgumentException">The name is unknown; the message suggests the nearest.</exception>
    /// <exception cref="DataNotFoundException">The data is in none of the places.</exception>
    /// <exception cref="DataFormatException">A file is damaged.</exception>
    public static ClassData Open(string name, string? dataFolder = null, ImageFolderOptions? images = null)
    {
        if (name.StartsWith("folder:", StringComparison.Ordinal))
        {
            return ImageFolder.Open(name["folder:".Length..], images);
        }

        if (name.StartsWith("csv:", StringComparison.Ordinal))
        {
            var parts = name["csv:".Length..].Split('#', 2);
            return CsvClasses.Open(parts[0], parts.Length == 2 ? parts[1] : null);
        }

        return name switch
        {
            "glyphs" => Guarded(new(name, Glyphs.Open("train", rotations: true), Glyphs.Open("validation"), Glyphs.Open("test"))),
            "omniglot" => Guarded(Omniglot.Open(dataFolder).Vinyals()),
            "omniglot-lake" => Guarded(Omniglot.Open(dataFolder).Lake()),
            "tiny-imagenet32" => TinyImageNet32.Open(dataFolder),
            _ => throw new ArgumentException(NearestName.Unknown("data set for classification", name, Names)),
        };
    }

    /// <summary>The names that <see cref="Open"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["glyphs", "omniglot", "omniglot-lake", "tiny-imagenet32", "folder:PATH", "csv:PATH"];

    private static ClassData Guarded(ClassData data)
    {
        EpisodeGuard.RefuseClassOverlap(data.Train, data.Validation, data.Test);
        return data;
    }
}

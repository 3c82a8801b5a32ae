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
    private const string IntentsPrefix = "intents-";

    /// <summary>How texts become the items of the pools; null where items are no texts.</summary>
    public TextFeatures? Texts { get; init; }

    /// <summary>How rows of the table become the items of the pools; null where items are no rows of a table.</summary>
    public TableColumns? Columns { get; init; }

    /// <summary>A broader name of each class by the name of the class, such as the category that it belongs to; null where none is known.</summary>
    public IReadOnlyDictionary<string, string>? BroaderNames { get; init; }

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
    /// <c>omniglot</c> (Vinyals split with rotations), <c>omniglot-random</c> (characters by lot, with rotations, as in MAML), <c>omniglot-lake</c> (background and evaluation alphabets),
    /// <c>omniglot-one-shot</c> (the same pools; its test is <see cref="OneShotEpisodes"/>), <c>tiny-imagenet32</c>, <c>fashion-mnist</c> (for testing only), <c>intents-clinc150</c>, <c>intents-banking77</c>, <c>intents-hwu64</c>, <c>folder:PATH</c> (the user's images),
    /// <c>text:FILE</c> (the user's texts), <c>table:FILE</c> (the user's table of numbers and categories), <c>csv:PATH</c> (a table of numbers). The name of a
    /// text file or table may end in <c>#COLUMN</c>, the column of the class.
    /// </param>
    /// <param name="dataFolder">The folder of the named data sets, or <see langword="null"/> to look in the usual places.</param>
    /// <param name="images">How <c>folder:</c> images are read, or <see langword="null"/> for the defaults.</param>
    /// <param name="texts">How texts become numbers, or <see langword="null"/> for the defaults; with words, the word vectors of the catalogue are read.</param>
    /// <param name="fold">The fold of intents, 1 to 5.</param>
    /// <param name="rotations">
    /// Whether quarter turns of the characters of <c>glyphs</c> (in meta-training) and of Omniglot are classes too; <see langword="null"/> for the custom of each: they are, but for <c>omniglot-lake</c> and
    /// <c>omniglot-one-shot</c>.
    /// </param>
    /// <returns>Three pools that share no class.</returns>
    /// <exception cref="ArgumentException">The name is unknown; the message suggests the nearest.</exception>
    /// <exception cref="DataNotFoundException">The data is in none of the places.</exception>
    /// <exception cref="DataFormatException">A file is damaged.</exception>
    public static ClassData Open(
        string name, string? dataFolder = null, ImageFolderOptions? images = null, TextOptions? texts = null, int fold = 1, bool? rotations = null)
    {
        WordVectors? Vectors() => texts?.Words > 0 ? WordVectors.Open(dataFolder) : null;
        var (kind, path, column) = Own(name);
        return (kind, name) switch
        {
            ("folder", _) => ImageFolder.Open(name["folder:".Length..], images),
            ("text", _) => TextFile.Open(path, column, texts, Vectors()),
            ("table", _) => MixedTable.Open(path, column),
            ("csv", _) => CsvClasses.Open(path, column),
            (_, "glyphs") => Guarded(new(name, Glyphs.Open("train", rotations ?? true), Glyphs.Open("validation"), Glyphs.Open("test"))),
            (_, "omniglot") => Guarded(Omniglot.Open(dataFolder).Vinyals(rotations ?? true)),
            (_, "omniglot-random") => Guarded(Omniglot.Open(dataFolder).Random(rotations ?? true)),
            (_, "omniglot-lake" or "omniglot-one-shot") => Guarded(Omniglot.Open(dataFolder).Lake(rotations ?? false)),
            (_, "tiny-imagenet32") => TinyImageNet32.Open(dataFolder),
            (_, "fashion-mnist") => FashionMnist.Open(dataFolder),
            _ when name.StartsWith(IntentsPrefix, StringComparison.Ordinal) => Intents.Open(name[IntentsPrefix.Length..], fold, dataFolder, texts, Vectors()),
            _ => throw new ArgumentException(NearestName.Unknown("data set for classification", name, Names)),
        };
    }

    // The user's own: KIND:PATH or KIND:PATH#COLUMN.
    private static (string Kind, string Path, string? Column) Own(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return ("", "", null);
        }

        var parts = name[(colon + 1)..].Split('#', 2);
        return (name[..colon], parts[0], parts.Length == 2 ? parts[1] : null);
    }

    /// <summary>The names that <see cref="Open"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "glyphs", "omniglot", "omniglot-random", "omniglot-lake", "omniglot-one-shot", "tiny-imagenet32", "fashion-mnist", .. Intents.Names.Select(intents => IntentsPrefix + intents),
        "folder:PATH", "text:FILE", "table:FILE", "csv:PATH",
    ];

    private static ClassData Guarded(ClassData data)
    {
        EpisodeGuard.RefuseClassOverlap(data.Train, data.Validation, data.Test);
        return data;
    }
}

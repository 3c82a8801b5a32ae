namespace Deutero.Data;

/// <summary>Omniglot: 1,623 handwritten characters of 50 alphabets, each drawn by 20 people (Lake et al. 2015).</summary>
/// <remarks>
/// Read from the 28x28 derivative if it is there, else from the author's zips: 32,460 PNGs of 105x105, resized with the same Lanczos
/// kernel, which takes some seconds and gives the same pixels to within one level of 255.
/// </remarks>
public sealed class Omniglot
{
    /// <summary>Pixels a side of the original drawings.</summary>
    public const int OriginalSize = 105;

    /// <summary>Pixels a side that few-shot learners are compared at.</summary>
    public const int Size = 28;

    private const int ValidationAlphabets = 5;
    private const int RandomTraining = 1100;
    private const int RandomValidation = 100;

    internal Omniglot(ImageBuffer images, IReadOnlyList<OmniglotCharacter> characters) => (Images, Characters) = (images, characters);

    /// <summary>All drawings, one channel, ink high.</summary>
    public ImageBuffer Images { get; }

    /// <summary>All characters, by set (background first), alphabet and number.</summary>
    public IReadOnlyList<OmniglotCharacter> Characters { get; }

    /// <summary>Opens Omniglot at 28x28: the derivative if it is there, else the author's zips.</summary>
    /// <param name="dataFolder">The folder that contains <c>omniglot/</c>, or <see langword="null"/> to look in the usual places.</param>
    /// <exception cref="DataNotFoundException">Neither is in any of the places.</exception>
    /// <exception cref="DataFormatException">A file is damaged.</exception>
    public static Omniglot Open(string? dataFolder = null)
    {
        var location = DataLocation.Resolve(dataFolder);
        return location.TryFind(DataSets.Omniglot, [OmniglotDerivative.ImagesFile, OmniglotDerivative.IndexFile]) is { } folder
            ? OmniglotDerivative.Read(folder)
            : OpenOriginals(dataFolder);
    }

    /// <summary>Opens the author's zips and the lists of the Vinyals split.</summary>
    /// <param name="dataFolder">The folder that contains <c>omniglot/</c>, or <see langword="null"/> to look in the usual places.</param>
    /// <param name="size">Pixels a side, 1 to 105; 105 are the originals, about 360 MB.</param>
    /// <exception cref="DataNotFoundException">The files are in none of the places.</exception>
    /// <exception cref="DataFormatException">A file is damaged.</exception>
    public static Omniglot OpenOriginals(string? dataFolder = null, int size = Size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, OriginalSize);
        var folder = DataLocation.Resolve(dataFolder).Find(DataSets.Omniglot, OmniglotOriginals.Files);
        return OmniglotOriginals.Read(folder, size);
    }

    /// <summary>Lake's 20 official within-alphabet, 20-way one-shot runs.</summary>
    /// <param name="dataFolder">The folder that contains <c>omniglot/</c>, or <see langword="null"/> to look in the usual places.</param>
    /// <param name="size">Pixels a side: 28 as learners are trained, or up to the original 105.</param>
    /// <returns>The runs, <c>run01</c> to <c>run20</c>.</returns>
    /// <exception cref="DataNotFoundException">The file is in none of the places.</exception>
    /// <exception cref="DataFormatException">The file is damaged.</exception>
    public static IReadOnlyList<OneShotRun> OneShotRuns(string? dataFolder = null, int size = Size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, OriginalSize);
        var folder = DataLocation.Resolve(dataFolder).Find(DataSets.Omniglot, [OmniglotOriginals.RunsFile]);
        return OmniglotOriginals.ReadRuns(Path.Combine(folder, OmniglotOriginals.RunsFile), size);
    }

    /// <summary>The split of Vinyals 2016: 1,028, 172 and 423 characters, or four times as many classes with rotations.</summary>
    /// <param name="rotations">Whether each character counts as four classes, turned by 0, 90, 180 and 270 degrees.</param>
    public ClassData Vinyals(bool rotations = true) => new(
        "omniglot",
        Pool("omniglot/vinyals/train", c => c.VinyalsSplit == Split.Train, rotations),
        Pool("omniglot/vinyals/validation", c => c.VinyalsSplit == Split.Validation, rotations),
        Pool("omniglot/vinyals/test", c => c.VinyalsSplit == Split.Test, rotations));

    /// <summary>
    /// The split of MAML and what follows it: 1,100, 100 and 423 characters by lot, whatever their alphabet (Finn et al. 2017), or four times as many classes with
    /// rotations. Test characters have relatives in training, so figures are higher than in the split of Vinyals.
    /// </summary>
    /// <remarks>The lot of the paper is that of a random generator of another language; here characters are ordered by the SHA-256 of their names.</remarks>
    /// <param name="rotations">Whether each character counts as four classes, turned by 0, 90, 180 and 270 degrees.</param>
    public ClassData Random(bool rotations = true)
    {
        var splits = ClassFractions.Lot(Characters.Select(c => c.Name), RandomTraining, RandomValidation);
        return new ClassData(
            "omniglot-random",
            Pool("omniglot/random/train", c => splits[c.Name] == Split.Train, rotations),
            Pool("omniglot/random/validation", c => splits[c.Name] == Split.Validation, rotations),
            Pool("omniglot/random/test", c => splits[c.Name] == Split.Test, rotations));
    }

    /// <summary>Lake's split: background for learning, its last five alphabets by name for validation, evaluation for testing.</summary>
    /// <param name="rotations">Whether each character of meta-training counts as four classes; Lake's protocol has no rotations.</param>
    public ClassData Lake(bool rotations = false)
    {
        var held = Characters.Where(c => c.IsBackground).Select(c => c.Alphabet).Distinct().Order(StringComparer.Ordinal)
            .TakeLast(ValidationAlphabets).ToHashSet(StringComparer.Ordinal);
        return new ClassData(
            "omniglot-lake",
            Pool("omniglot/background", c => c.IsBackground && !held.Contains(c.Alphabet), rotations),
            Pool("omniglot/background-validation", c => c.IsBackground && held.Contains(c.Alphabet), rotations: false),
            Pool("omniglot/evaluation", c => !c.IsBackground, rotations: false));
    }

    private ImageClasses Pool(string name, Func<OmniglotCharacter, bool> belongs, bool rotations) =>
        new(name, Images, Characters.Where(belongs).Select(c => new ImageClass(c.Name, c.Rows) { Group = c.Alphabet })) { Rotations = rotations };
}

using Deutero.Cli.Configuration;

namespace Deutero.Cli.Runs;

/// <summary>Where a run's tasks come from.</summary>
public sealed record DataSettings
{
    /// <summary>glyphs, omniglot, omniglot-random, omniglot-lake, omniglot-one-shot, tiny-imagenet32, meta-dataset, intents-clinc150, intents-banking77, intents-hwu64, sinusoid, polynomials, sinusoids-and-lines, gaussian-processes, linear-regressions, synthetic-tables, weather, growth, tox21, sider, uci, folder:PATH, text:FILE, table:FILE or csv:PATH; default glyphs.</summary>
    public string Name { get; init; } = "glyphs";

    /// <summary>The folder of the data sets; empty looks in DEUTERO_DATA, ../shared/data, the cache and /usr/share/datasets; default empty.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Height and width that the images of a folder are resized to, in pixels; default 28.</summary>
    public int ImageSize { get; init => field = value is >= 16 and <= 256 ? value : throw new ArgumentOutOfRangeException(nameof(ImageSize), value, "ImageSize must be between 16 and 256."); } = 28;

    /// <summary>Colour channels that the images of a folder are read with, 1 or 3; default 1.</summary>
    public int ImageChannels { get; init => field = value is 1 or 3 ? value : throw new ArgumentOutOfRangeException(nameof(ImageChannels), value, "ImageChannels must be 1 or 3."); } = 1;

    /// <summary>Whether quarter turns of the meta-training characters of omniglot-lake and omniglot-one-shot are further classes; default false.</summary>
    public bool Rotations { get; init; }

    /// <summary>The data sets of images that meta-dataset is trained and validated on, by their names here; default omniglot-lake, glyphs, tiny-imagenet32.</summary>
    public IReadOnlyList<string> Sources { get; init; } = ["omniglot-lake", "glyphs", "tiny-imagenet32"];

    /// <summary>The data sets whose test classes meta-dataset is tested on, such as fashion-mnist, which no training sees; empty for those of data.sources; default empty.</summary>
    public IReadOnlyList<string> TestSources { get; init; } = [];

    /// <summary>The fold of intents, 1 to 5: which of them are for meta-training, validation and test; default 1.</summary>
    public int Fold { get; init; } = 1;

    /// <summary>The places that words and n-grams of texts are hashed into; model.buckets of a text encoder must be the same; default 4096.</summary>
    public int TextBuckets { get; init; } = 4096;

    /// <summary>Whether pairs of words and runs of three to five characters count beside words; false is plain TF-IDF; default true.</summary>
    public bool TextNGrams { get; init; } = true;

    /// <summary>The words of a text, from the first, that are looked up in the word vectors ('deutero data fetch word-vectors'); 0 needs none; default 0.</summary>
    public int TextWords { get; init; }

    /// <summary>
    /// What is known of each class beside its items, for learners of attributes: class-names (word vectors of their names), or a CSV file with a column class and columns of
    /// numbers; empty for nothing; default empty.
    /// </summary>
    public string Attributes { get; init; } = "";

    /// <summary>
    /// A run folder whose body reads the items first, once and for all: learners have its features in place of the items, with model=mlp, and train without computing it again;
    /// empty for the items themselves; default empty.
    /// </summary>
    [OmittedAtDefault]
    public string Body { get; init; } = "";

    /// <summary>The atoms of the graphs that molecules are given as, those beyond left out; 0 gives fingerprints; default 0.</summary>
    public int MoleculeAtoms { get; init; }

    /// <summary>The most molecules that a test episode asks about, drawn at random; 0 for all that are not in the support set; default 0.</summary>
    public int MoleculeQueries { get; init; }
}

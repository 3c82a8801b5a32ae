using Deutero.Data;

namespace Deutero.Edge;

/// <summary>What a model takes: numbers of one shape, and how images, texts or rows of a table become such numbers where it learned those.</summary>
/// <param name="ItemShape">The shape of one item, without the batch axis.</param>
/// <param name="Image">How images are read; null for a model that learned something else.</param>
public sealed record InputContract(IReadOnlyList<long> ItemShape, ImageContract? Image)
{
    /// <summary>The contract of a model of images.</summary>
    /// <param name="image">How images are read.</param>
    public InputContract(ImageContract image)
        : this(image.ItemShape, image)
    {
    }

    /// <summary>The contract of a model of texts.</summary>
    /// <param name="texts">How texts become numbers.</param>
    public InputContract(TextFeatures texts)
        : this([texts.Length], null) => Texts = texts;

    /// <summary>The contract of a model of a table's rows.</summary>
    /// <param name="table">How rows become numbers.</param>
    public InputContract(TableColumns table)
        : this([table.Length], null) => Table = table;

    /// <summary>How texts become numbers; null for a model that learned something else.</summary>
    public TextFeatures? Texts { get; }

    /// <summary>How rows of a table become numbers; null for a model that learned something else.</summary>
    public TableColumns? Table { get; }

    /// <summary>What the model takes, in a word.</summary>
    public InputKind Kind => Image is not null ? InputKind.Images : Texts is not null ? InputKind.Texts : Table is not null ? InputKind.Rows : InputKind.Numbers;

    /// <summary>What the model takes, as messages say it.</summary>
    public string Takes => Kind switch
    {
        InputKind.Images => $"images, or {ItemSize} numbers",
        InputKind.Texts => "texts",
        InputKind.Rows => $"rows of the columns {string.Join(", ", Table!.Columns.Take(20).Select(column => column.Name))}{(Table.Columns.Count > 20 ? ", ..." : "")}",
        _ => $"{ItemSize} numbers",
    };

    /// <summary>The numbers in one item.</summary>
    public int ItemSize { get; } = checked((int)ItemShape.Aggregate(1L, (product, side) => product * side));

    /// <summary>Turns a text into the numbers of an item.</summary>
    /// <param name="text">The text, which may have words that no training text had.</param>
    /// <param name="name">What messages call it.</param>
    /// <returns>As many numbers as <see cref="ItemSize"/>.</returns>
    /// <exception cref="ArgumentException">The model takes no texts, or the text is empty or longer than <see cref="TextFile.MaximumCharacters"/>.</exception>
    public float[] Read(string text, string name = "The text") =>
        Texts is null ? throw new ArgumentException($"{name} is a text, but this model takes {Takes}.")
        : string.IsNullOrWhiteSpace(text) ? throw new ArgumentException($"{name} is an empty text, but one with words is expected.")
        : text.Length > TextFile.MaximumCharacters
            ? throw new ArgumentException($"{name} is a text of {text.Length:N0} characters, but at most {TextFile.MaximumCharacters:N0} are expected.")
        : Texts.Numbers(text);

    /// <summary>Turns a row of a table into the numbers of an item.</summary>
    /// <param name="row">Cells by column, as <see cref="TableColumns.Numbers"/> takes them.</param>
    /// <param name="name">What messages call it.</param>
    /// <returns>As many numbers as <see cref="ItemSize"/>.</returns>
    /// <exception cref="ArgumentException">The model takes no rows, a column is unknown, a cell of the wrong type, or every cell missing.</exception>
    public float[] Read(IReadOnlyDictionary<string, object?> row, string name = "The row") =>
        Table is null ? throw new ArgumentException($"{name} is a row, but this model takes {Takes}.") : Table.Numbers(row, name);

    /// <summary>The contract as files by name, which <see cref="OfFiles"/> reads; equal contracts give equal bytes.</summary>
    public IReadOnlyDictionary<string, byte[]> ToFiles() => ContractFiles.Of(this);

    /// <summary>Reads a contract.</summary>
    /// <param name="files">What <see cref="ToFiles"/> gave, perhaps among other files.</param>
    /// <param name="source">What messages call the folder or package.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged.</exception>
    public static InputContract OfFiles(IReadOnlyDictionary<string, byte[]> files, string source) => ContractFiles.Read(files, source);

    /// <summary>Refuses numbers that are no item: another count, NaN or infinite, or, for images, outside of [0, 1].</summary>
    /// <param name="values">The numbers, row-major.</param>
    /// <param name="name">What messages call the item.</param>
    /// <exception cref="ArgumentException">They are not as the model wants them; the message says what was found and expected.</exception>
    public void Check(ReadOnlySpan<float> values, string name)
    {
        if (values.Length != ItemSize)
        {
            throw new ArgumentException($"{name} has {values.Length} numbers, but this model takes {ItemSize} ({string.Join(" x ", ItemShape)}).");
        }

        var (low, high) = Image is null ? (float.MinValue, float.MaxValue) : (0f, 1f);
        foreach (var value in values)
        {
            if (!(value >= low && value <= high))
            {
                throw new ArgumentException($"{name} has the value {value}, but {(Image is null ? "finite numbers are" : "pixels from 0 to 1 are")} expected.");
            }
        }
    }
}

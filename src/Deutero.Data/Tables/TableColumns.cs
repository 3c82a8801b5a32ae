namespace Deutero.Data;

/// <summary>The columns of a table without its class, and how a row becomes numbers: standardised with the mean and deviation of the meta-training rows.</summary>
/// <remarks>A number that is missing becomes the mean, which is 0; a category that is missing, or that the table never had, is none of the known ones.</remarks>
public sealed class TableColumns
{
    private readonly Dictionary<string, TableColumn> _byName;
    private readonly double[] _mean;
    private readonly double[] _scale;

    /// <summary>Puts columns together.</summary>
    /// <param name="columns">The columns, in order.</param>
    /// <exception cref="ArgumentException">There is none, two have one name, or one lacks finite means and scales for its features.</exception>
    public TableColumns(IReadOnlyList<TableColumn> columns)
    {
        Columns = columns;
        (_mean, _scale) = ([.. columns.SelectMany(column => column?.Mean ?? [])], [.. columns.SelectMany(column => column?.Scale ?? [])]);
        var wrong = columns.FirstOrDefault(column => column is not { Name: not null, Mean: not null, Scale: not null }
            || column.Mean.Count != (column.Categories?.Count ?? 1) || column.Scale.Count != column.Mean.Count);
        if (columns.Count == 0 || wrong is not null || _mean.Concat(_scale).Any(value => !double.IsFinite(value)))
        {
            throw new ArgumentException("At least one column was expected, each with a name and a finite mean and scale for its number or for each of its categories.");
        }

        _byName = new(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (!_byName.TryAdd(column.Name, column))
            {
                throw new ArgumentException($"Two columns are called '{column.Name}'.");
            }
        }
    }

    /// <summary>The columns, in order.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>How many numbers a row becomes.</summary>
    public int Length => _mean.Length;

    /// <summary>Turns a row into numbers.</summary>
    /// <param name="row">
    /// Cells by column: numbers (<see cref="double"/>, <see cref="int"/>, ...) in columns of numbers, texts in columns of categories; one that is null or left out is missing.
    /// </param>
    /// <param name="name">What messages call the row.</param>
    /// <returns><see cref="Length"/> numbers.</returns>
    /// <exception cref="ArgumentException">A column is unknown, a cell of the wrong type, or every cell missing.</exception>
    public float[] Numbers(IReadOnlyDictionary<string, object?> row, string name = "The row")
    {
        if (row.Keys.FirstOrDefault(key => !_byName.ContainsKey(key)) is { } stranger)
        {
            throw new ArgumentException($"{name} has a column '{(stranger.Length <= 40 ? stranger : stranger[..40] + "...")}', but the columns are {Names}.");
        }

        return row.Values.Any(cell => cell is not null)
            ? Standardised([.. Columns.SelectMany(column => column.Numbers(row.GetValueOrDefault(column.Name), name))])
            : throw new ArgumentException($"{name} is empty, but some of the columns {Names} are expected.");
    }

    /// <summary>The cells of a file's row as <see cref="Numbers"/> takes them.</summary>
    /// <param name="cells">The texts of the cells by column; null where one is missing.</param>
    /// <returns>Numbers in place of the texts where the column is one of numbers and the text is one.</returns>
    public IReadOnlyDictionary<string, object?> Typed(IReadOnlyDictionary<string, string?> cells) =>
        cells.ToDictionary(cell => cell.Key, cell => _byName.TryGetValue(cell.Key, out var column) ? column.Typed(cell.Value) : cell.Value, StringComparer.Ordinal);

    /// <summary>The names of the columns, for messages.</summary>
    internal string Names => $"{string.Join(", ", Columns.Take(20).Select(column => column.Name))}{(Columns.Count > 20 ? ", ..." : "")}";

    /// <summary>Learns means and deviations.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="training">The features of the meta-training rows.</param>
    internal static TableColumns Of(IReadOnlyList<Column> columns, IReadOnlyList<float[]> training)
    {
        var (first, described) = (0, new List<TableColumn>());
        foreach (var column in columns)
        {
            var moments = Enumerable.Range(first, column.Width).Select(i => Moments(training, i)).ToArray();
            described.Add(new(column.Name, column.Categories, [.. moments.Select(one => one.Mean)], [.. moments.Select(one => one.Scale)]));
            first += column.Width;
        }

        return new(described);
    }

    /// <summary>Standardises features; what is missing is taken for the mean.</summary>
    internal float[] Standardised(float[] features) =>
        [.. features.Select((value, i) => float.IsNaN(value) ? 0 : (float)((value - _mean[i]) * _scale[i]))];

    /// <summary>The mean of a feature, where it is not missing, and one over its deviation; 0 for a constant feature, which then says nothing.</summary>
    private static (double Mean, double Scale) Moments(IReadOnlyList<float[]> rows, int feature)
    {
        var values = rows.Select(row => (double)row[feature]).Where(value => !double.IsNaN(value)).DefaultIfEmpty(0).ToArray();
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        return (mean, deviation > 1e-12 * Math.Max(1, Math.Abs(mean)) ? 1 / deviation : 0);
    }
}

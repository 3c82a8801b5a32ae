namespace Deutero.Data;

/// <summary>The user's own table as a data set: a class for each label, features standardised.</summary>
public static class CsvClasses
{
    private const int FewestRows = 2;

    /// <summary>Reads a CSV file and splits its classes.</summary>
    /// <param name="path">The file: a header line, a label column, and numeric columns.</param>
    /// <param name="labelColumn">The column of the label; by default the one called label, class, category or target.</param>
    /// <param name="fractions">How classes are split, or <see langword="null"/> for the defaults.</param>
    /// <returns>Items <c>[features]</c>, standardised with the mean and deviation of the meta-training rows only.</returns>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">The file is not such a table, or has too few classes or rows of a class.</exception>
    public static ClassData Open(string path, string? labelColumn = null, ClassFractions? fractions = null) =>
        Split(Table.Read(path, labelColumn), path, fractions);

    /// <summary>Splits the classes of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="fractions">How classes are split, or <see langword="null"/> for the defaults.</param>
    /// <returns>Items <c>[features]</c>, standardised with the mean and deviation of the meta-training rows only.</returns>
    /// <exception cref="DataFormatException">There are too few classes or rows of a class.</exception>
    public static ClassData Split(Table table, string name, ClassFractions? fractions = null)
    {
        var classes = table.Labels.Index().GroupBy(row => row.Item, row => table.Rows[row.Index], StringComparer.Ordinal)
            .OrderBy(rows => rows.Key, StringComparer.Ordinal).Select(rows => (Name: rows.Key, Rows: rows.ToArray())).ToArray();
        var lonely = classes.FirstOrDefault(one => one.Rows.Length < FewestRows);
        if (lonely.Name is not null)
        {
            throw new DataFormatException(
                $"{name} has {lonely.Rows.Length} row of class '{lonely.Name}': a class needs at least {FewestRows}, "
                + $"one to learn from and one to ask.");
        }

        var splits = (fractions ?? new ClassFractions()).Assign(name, [.. classes.Select(one => one.Name)]);
        var training = classes.Where(one => splits[one.Name] == Data.Split.Train).SelectMany(one => one.Rows).ToArray();
        var columns = TableColumns.Of(table.Columns ?? [.. table.Features.Select(feature => new Column(feature.Trim(), null))], training);
        var pools = Enum.GetValues<Split>().Select(split => new FeatureClasses(
            $"{Path.GetFileName(name)}/{split.ToString().ToLowerInvariant()}",
            table.Features.Count,
            classes.Where(one => splits[one.Name] == split).Select(one => (one.Name, Array.ConvertAll(one.Rows, columns.Standardised))))).ToArray();
        return new ClassData($"csv:{name}", pools[0], pools[1], pools[2]) { Columns = columns };
    }
}

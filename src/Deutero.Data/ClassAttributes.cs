using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>Adds to the classes of a data set what is known of them beside their items: word vectors of their names, or numbers of the user's own.</summary>
/// <remarks>All attributes are standardised with the mean and deviation of the meta-training classes.</remarks>
public static class ClassAttributes
{
    /// <summary>The source that stands for word vectors of the classes' names.</summary>
    public const string Names = "class-names";

    /// <summary>Adds attributes.</summary>
    /// <param name="data">The classes.</param>
    /// <param name="source"><see cref="Names"/>, or a CSV file with a column of class names (label, class, category or target) and columns of numbers, a row for each class.</param>
    /// <param name="dataFolder">Where the word vectors are, or <see langword="null"/> to look in the usual places.</param>
    /// <returns>The same pools, whose classes have attributes.</returns>
    /// <exception cref="DataNotFoundException">There is no such file, or the word vectors are in none of the places.</exception>
    /// <exception cref="DataFormatException">The file is no such table, or lacks a class, or has one twice; or no word of a class's name has a vector.</exception>
    public static ClassData Add(ClassData data, string source, string? dataFolder = null) =>
        source == Names ? OfNames(data, WordVectors.Open(dataFolder)) : OfTable(data, Table.Read(source), source);

    /// <summary>The attributes of a class are the mean of the vectors of its name's words, or of its broader name where none of them has one.</summary>
    /// <param name="data">The classes.</param>
    /// <param name="vectors">The vectors of words.</param>
    /// <exception cref="DataFormatException">No word of either name has a vector; the message names the class.</exception>
    public static ClassData OfNames(ClassData data, WordVectors vectors) => Standardised(data, vectors.Dimensions, name =>
        Mean(vectors, name)
        ?? Mean(vectors, data.BroaderNames?.GetValueOrDefault(name) ?? "")
        ?? throw new DataFormatException($"No word of the class name '{name}' has a vector: give attributes of your own as a CSV file."));

    /// <summary>The attributes of a class are the numbers of its row in a table.</summary>
    /// <param name="data">The classes.</param>
    /// <param name="table">A row for each class; further rows are not needed.</param>
    /// <param name="name">What messages call the table.</param>
    /// <exception cref="DataFormatException">A class has no row, or several; the message names it.</exception>
    public static ClassData OfTable(ClassData data, Table table, string name)
    {
        var rows = table.Labels.Index().ToLookup(row => row.Item, row => table.Rows[row.Index], StringComparer.Ordinal);
        return Standardised(data, table.Features.Count, className => rows[className].ToArray() is [var row]
            ? row
            : throw new DataFormatException($"{name} has {rows[className].Count()} rows of the class '{className}', where one is expected."));
    }

    private static ClassData Standardised(ClassData data, int count, Func<string, float[]> of)
    {
        float[][] Rows(IClassPool pool) => [.. Enumerable.Range(0, pool.ClassCount).Select(classIndex => of(pool.ClassName(classIndex)))];
        var training = Rows(data.Train);
        var columns = TableColumns.Of([.. Enumerable.Range(0, count).Select(column => new Column($"{column}", null))], training);
        DescribedClasses Described(IClassPool pool, float[][] rows) => new(pool, Array.ConvertAll(rows, columns.Standardised));
        return data with
        {
            Train = Described(data.Train, training),
            Validation = Described(data.Validation, Rows(data.Validation)),
            Test = Described(data.Test, Rows(data.Test)),
        };
    }

    private static float[]? Mean(WordVectors vectors, string name)
    {
        var rows = TextWords.Of(name).Select(vectors.RowOf).Where(row => row >= 0).ToArray();
        return rows.Length == 0 ? null : [.. Enumerable.Range(0, vectors.Dimensions).Select(column => rows.Average(row => vectors.Row(row)[column]))];
    }
}

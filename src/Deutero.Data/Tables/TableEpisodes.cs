using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Data;

/// <summary>Few-shot episodes across tables of different columns: each is of some classes of one table, drawn at random.</summary>
/// <remarks>
/// <para>Every input has <see cref="Columns"/> numbers, so that one network reads all tables, as a prior-fitted network does: of a table with more
/// columns as many are drawn for each episode, and one with fewer is filled up with zeros. Each column is standardised with the mean and deviation of the
/// episode's support set, and cut off at five deviations; a number that is missing is the mean, and a column that is the same in all of the support set is 0.</para>
/// <para>Only classes with enough rows are drawn, and tables with enough such classes, each as likely.</para>
/// </remarks>
public sealed class TableEpisodes : ITaskDistribution
{
    private const float Most = 5;
    private const double Least = 1e-6; // a deviation below is that of a column that is the same everywhere

    private readonly string _split;
    private readonly (ClassTable Table, int[] Classes)[] _tables;
    private readonly int _ways;
    private readonly int _shots;
    private readonly int _queries;

    /// <summary>Creates the distribution.</summary>
    /// <param name="split">What the tables are called, for example <c>uci/test</c>.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="ways">Classes of an episode, at least 2.</param>
    /// <param name="shots">Support rows of each class, at least 1.</param>
    /// <param name="queries">Query rows of each class, at least 1.</param>
    /// <exception cref="ArgumentException">A size is too small, or no table has as many classes of as many rows; the message says so.</exception>
    public TableEpisodes(string split, IReadOnlyList<ClassTable> tables, int ways, int shots, int queries)
    {
        if (ways < 2 || shots < 1 || queries < 1)
        {
            throw new ArgumentException($"An episode needs at least 2 ways, 1 shot and 1 query but {ways}, {shots} and {queries} were asked for.");
        }

        (_split, _ways, _shots, _queries) = (split, ways, shots, queries);
        _tables = [.. tables.Select(table => (Table: table, Classes: Enumerable.Range(0, table.Classes.Count).Where(i => table.Classes[i].Rows.Count >= shots + queries).ToArray()))
            .Where(table => table.Classes.Length >= ways)];
        if (_tables.Length == 0)
        {
            throw new ArgumentException($"{ways}-way episodes with {shots} support and {queries} query rows of each class were asked for but none of the {tables.Count} tables of {split} has {ways} classes of {shots + queries} rows.");
        }
    }

    /// <summary>The numbers of an input, those of <see cref="SyntheticTables"/>.</summary>
    public static int Columns { get; } = new SyntheticTables().Features;

    /// <summary>The tables that episodes are drawn from.</summary>
    public IReadOnlyList<ClassTable> Tables => [.. _tables.Select(table => table.Table)];

    /// <inheritdoc/>
    public string Name => $"{_split} {_tables.Length} tables {_ways}-way {_shots}-shot {_queries}-query";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var (table, eligible) = _tables[random.Next(_tables.Length)];
        var classes = Array.ConvertAll(random.Choose(_ways, eligible.Length), place => eligible[place]);
        var rows = Array.ConvertAll(classes, chosen => random.Choose(_shots + _queries, table.Classes[chosen].Rows.Count));
        var columns = random.Choose(Math.Min(Columns, table.Columns.Count), table.Columns.Count);
        float[][] Of(Range part) => [.. classes.SelectMany((chosen, way) => rows[way][part].Select(row => Array.ConvertAll(columns, column => table.Classes[chosen].Rows[row][column])))];
        var (support, query) = (Of(.._shots), Of(_shots..));
        var standards = columns.Select((_, place) => Standard([.. support.Select(row => row[place]).Where(float.IsFinite)])).ToArray();
        var identity = $"{table.Name}[{string.Join(',', columns)}]{string.Join(';', classes.Select((chosen, way) => $"{table.Classes[chosen].Name}:{string.Join(',', rows[way][.._shots])}|{string.Join(',', rows[way][_shots..])}"))}";
        return new(Gather(support, standards), Gather(query, standards), identity) { Source = table.Name };
    }

    private static (double Mean, double Scale) Standard(float[] values)
    {
        if (values.Length == 0)
        {
            return (0, 0);
        }

        var mean = values.Average(value => (double)value);
        var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        return (mean, deviation > Least * Math.Max(1, Math.Abs(mean)) ? 1 / deviation : 0);
    }

    private Examples Gather(float[][] rows, (double Mean, double Scale)[] standards)
    {
        var values = new float[rows.Length * Columns];
        for (var row = 0; row < rows.Length; row++)
        {
            for (var column = 0; column < standards.Length; column++)
            {
                var (cell, (mean, scale)) = (rows[row][column], standards[column]);
                values[(row * Columns) + column] = float.IsFinite(cell) ? Math.Clamp((float)((cell - mean) * scale), -Most, Most) : 0;
            }
        }

        return new(Tensor.From(values, rows.Length, Columns), Tensor.From([.. rows.Select((_, row) => (long)(row / (rows.Length / _ways)))]), _ways);
    }
}

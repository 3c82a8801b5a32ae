using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>A prior over small tables: the classes of rows are ranges of a random function of a few of the columns.</summary>
/// <remarks>
/// <para>A task draws which columns matter, a network of one hidden layer of tanh units over them, and so a value for each row; the rows' ranks by that
/// value are cut into as many ranges of equal counts as there are classes, which are named at random. Other columns are noise. Networks of few units
/// are nearly linear, those of many are not: what is simple is more likely, as in the prior of TabPFN (Hollmann et al., ICLR 2023), of whose causal
/// models this is a small part.</para>
/// <para>Rows are drawn together and divided at random, so that every class has as many support and query examples as are asked for.</para>
/// </remarks>
public sealed record SyntheticTables : ITaskDistribution
{
    private const int MostUnits = 16;

    /// <summary>Classes of a table, at least 2; default 2.</summary>
    public int Ways { get; init => field = Setting.AtLeast(value, 2, nameof(Ways)); } = 2;

    /// <summary>Support examples per class, at least 1; default 20.</summary>
    public int Shots { get; init => field = Setting.AtLeast(value, 1, nameof(Shots)); } = 20;

    /// <summary>Query examples per class, at least 1; default 20.</summary>
    public int Queries { get; init => field = Setting.AtLeast(value, 1, nameof(Queries)); } = 20;

    /// <summary>Columns, at least 1; default 8.</summary>
    public int Features { get; init => field = Setting.AtLeast(value, 1, nameof(Features)); } = 8;

    /// <inheritdoc/>
    public string Name => $"synthetic tables {Ways}-way {Shots}-shot {Queries}-query";

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var each = Shots + Queries;
        var function = Function(random);
        var rows = Enumerable.Range(0, Ways * each).Select(_ => Enumerable.Range(0, Features).Select(_ => RegressionPoints.Normal(random)).ToArray()).ToArray();
        var byRank = rows.OrderBy(function).ToArray();
        var names = random.Choose(Ways, Ways);
        var classes = names.Select(place => byRank[(place * each)..((place + 1) * each)]).ToArray(); // by label
        var orders = classes.Select(_ => random.Choose(each, each)).ToArray();
        Examples Part(int start, int count) => Examples(
            [.. from label in Enumerable.Range(0, Ways) from i in orders[label][start..(start + count)] select (classes[label][i], (long)label)]);
        return new(Part(0, Shots), Part(Shots, Queries), string.Join(' ', rows[0].Select(value => value.ToString("R"))));
    }

    private Func<double[], double> Function(Generator random)
    {
        var columns = random.Choose(1 + random.Next(Features), Features);
        var units = 1 + random.Next(1 + random.Next(MostUnits));
        var scale = 2 / Math.Sqrt(columns.Length);
        var weights = Enumerable.Range(0, units).Select(_ => columns.Select(_ => scale * RegressionPoints.Normal(random)).ToArray()).ToArray();
        var (offsets, outputs) = (weights.Select(_ => RegressionPoints.Normal(random)).ToArray(), weights.Select(_ => RegressionPoints.Normal(random)).ToArray());
        return row => Enumerable.Range(0, units)
            .Sum(unit => outputs[unit] * Math.Tanh(offsets[unit] + columns.Select((column, i) => weights[unit][i] * row[column]).Sum()));
    }

    private Examples Examples((double[] Row, long Label)[] examples) => new(
        Tensor.From(examples.SelectMany(example => example.Row.Select(value => (float)value)).ToArray(), examples.Length, Features),
        Tensor.From(examples.Select(example => example.Label).ToArray()), Ways);
}

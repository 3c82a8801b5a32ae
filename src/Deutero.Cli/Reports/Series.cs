namespace Deutero.Cli.Reports;

/// <summary>One line of a chart.</summary>
public sealed record Series
{
    /// <summary>The name in the legend.</summary>
    public required string Name { get; init; }

    /// <summary>Horizontal positions, in the order in which they are joined; as many as <see cref="Y"/>.</summary>
    public required IReadOnlyList<double> X { get; init; }

    /// <summary>Values; a value that is not finite leaves a gap in the line.</summary>
    public required IReadOnlyList<double> Y { get; init; }

    /// <summary>The lower ends of the values' intervals, as many as <see cref="Y"/>; null for no band.</summary>
    public IReadOnlyList<double>? Low { get; init; }

    /// <summary>The upper ends of the values' intervals, as many as <see cref="Y"/>; null for no band.</summary>
    public IReadOnlyList<double>? High { get; init; }
}

namespace Deutero.Cli.Reports;

/// <summary>A line chart.</summary>
public sealed record Chart
{
    /// <summary>What the chart shows.</summary>
    public required string Title { get; init; }

    /// <summary>The horizontal axis, with its unit, for example <c>outer step</c>.</summary>
    public required string XTitle { get; init; }

    /// <summary>The vertical axis, with its unit, for example <c>accuracy (%)</c>.</summary>
    public required string YTitle { get; init; }

    /// <summary>Whether the vertical axis is logarithmic; values that are not positive are then gaps.</summary>
    public bool LogY { get; init; }

    /// <summary>The lines, in the order of the legend.</summary>
    public required IReadOnlyList<Series> Series { get; init; }
}

namespace Deutero.Cli.Reports;

/// <summary>A table of a report; columns of numbers are set to the right.</summary>
public sealed record ReportTable
{
    /// <summary>What the table shows.</summary>
    public required string Title { get; init; }

    /// <summary>The headings.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The rows, from the top; none has more cells than there are columns.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Rows { get; init; }
}

namespace Deutero.Cli.Reports;

/// <summary>What a report of a run, or of many, says.</summary>
public sealed record RunReport
{
    /// <summary>The heading, for example <c>MAML on Omniglot</c>.</summary>
    public required string Title { get; init; }

    /// <summary>One line below the heading.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The main results, with their units and intervals, the most important first.</summary>
    public IReadOnlyList<(string Key, string Value)> Summary { get; init; } = [];

    /// <summary>Parts with text, charts and tables of their own, before the charts and tables of the whole.</summary>
    public IReadOnlyList<ReportSection> Sections { get; init; } = [];

    /// <summary>The charts.</summary>
    public IReadOnlyList<Chart> Charts { get; init; } = [];

    /// <summary>The tables.</summary>
    public IReadOnlyList<ReportTable> Tables { get; init; } = [];

    /// <summary>The pictures.</summary>
    public IReadOnlyList<ImageStrip> Images { get; init; } = [];

    /// <summary>The complete effective configuration, so that the run can be repeated; empty to leave it out.</summary>
    public string ConfigurationJson { get; init; } = "";

    /// <summary>Where the run took place: versions, device, threads, commit.</summary>
    public IReadOnlyList<(string Key, string Value)> Environment { get; init; } = [];
}

namespace Deutero.Cli.Reports;

/// <summary>A part of a report.</summary>
public sealed record ReportSection
{
    /// <summary>The heading; empty for none.</summary>
    public string Heading { get; init; } = "";

    /// <summary>The text: a paragraph each, or a block of code, whose lines all begin with four spaces.</summary>
    public IReadOnlyList<string> Paragraphs { get; init; } = [];

    /// <summary>The charts.</summary>
    public IReadOnlyList<Chart> Charts { get; init; } = [];

    /// <summary>The tables.</summary>
    public IReadOnlyList<ReportTable> Tables { get; init; } = [];

    internal static bool IsCode(string paragraph) => paragraph.StartsWith("    ", StringComparison.Ordinal);
}

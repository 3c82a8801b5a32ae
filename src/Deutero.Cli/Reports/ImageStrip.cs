namespace Deutero.Cli.Reports;

/// <summary>Pictures that belong together, such as the support set of one episode.</summary>
public sealed record ImageStrip
{
    /// <summary>What the pictures show.</summary>
    public required string Title { get; init; }

    /// <summary>The pictures, from the left.</summary>
    public required IReadOnlyList<ReportImage> Images { get; init; }
}

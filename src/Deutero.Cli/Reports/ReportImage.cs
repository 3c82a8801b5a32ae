namespace Deutero.Cli.Reports;

/// <summary>A picture of a report.</summary>
/// <param name="Png">The bytes of a PNG file.</param>
/// <param name="Caption">What it shows; read out where the picture cannot be seen.</param>
public sealed record ReportImage(ReadOnlyMemory<byte> Png, string Caption);

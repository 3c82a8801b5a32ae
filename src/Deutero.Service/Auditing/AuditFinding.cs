namespace Deutero.Service.Auditing;

/// <summary>What verification found about one chain of the audit log.</summary>
/// <param name="Tenant">Whose chain it is.</param>
/// <param name="Lines">How many lines are right, counted from the first.</param>
/// <param name="Head">The SHA-256 of the last right line; 64 zeros where there is none.</param>
/// <param name="Mistake">The first thing that is wrong, in a sentence; null where nothing is.</param>
public sealed record AuditFinding(string Tenant, long Lines, string Head, string? Mistake);

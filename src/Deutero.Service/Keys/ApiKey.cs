namespace Deutero.Service.Keys;

/// <summary>A key as it is stored: nobody can tell the key itself from this.</summary>
/// <param name="Tenant">Whose adaptations it opens.</param>
/// <param name="Name">What the audit log calls who uses it.</param>
/// <param name="Scopes">What it allows.</param>
/// <param name="Created">When it was made.</param>
public sealed record ApiKey(string Tenant, string Name, IReadOnlyList<string> Scopes, DateTimeOffset Created);

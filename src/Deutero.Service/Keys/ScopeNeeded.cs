namespace Deutero.Service.Keys;

/// <summary>Marks a route with the scope that a key must have.</summary>
internal sealed record ScopeNeeded(string Scope);

namespace Deutero.Service.Storage;

/// <summary>The tables, the same in every database.</summary>
internal static class Tables
{
    /// <param name="bytes">The type of byte strings.</param>
    /// <param name="options">What follows a table that is looked up by its key alone.</param>
    internal static string Sql(string bytes, string options) => $"""
        CREATE TABLE IF NOT EXISTS adaptations (
            id TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, model TEXT NOT NULL, current INTEGER NOT NULL,
            revision BIGINT NOT NULL, next_example BIGINT NOT NULL, created TEXT NOT NULL) {options};
        CREATE INDEX IF NOT EXISTS adaptations_of_tenant ON adaptations (tenant, id);
        CREATE TABLE IF NOT EXISTS versions (
            adaptation TEXT NOT NULL, version INTEGER NOT NULL, parent INTEGER NOT NULL, created TEXT NOT NULL, model_version TEXT NOT NULL,
            content TEXT NOT NULL, PRIMARY KEY (adaptation, version)) {options};
        CREATE TABLE IF NOT EXISTS examples (
            adaptation TEXT NOT NULL, id BIGINT NOT NULL, hash TEXT NOT NULL, content {bytes} NOT NULL, PRIMARY KEY (adaptation, id));
        CREATE TABLE IF NOT EXISTS audit (tenant TEXT NOT NULL, seq BIGINT NOT NULL, line TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (tenant, seq));
        CREATE TABLE IF NOT EXISTS keys (
            hash TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL, created TEXT NOT NULL) {options};
        CREATE TABLE IF NOT EXISTS models (name TEXT PRIMARY KEY, path TEXT) {options};
        CREATE TABLE IF NOT EXISTS audit_heads (tenant TEXT PRIMARY KEY, seq BIGINT NOT NULL, hash TEXT NOT NULL) {options};
        """;
}

using System.Security.Cryptography;
using Deutero.Service.Storage;

namespace Deutero.Service.Keys;

/// <summary>Makes, lists and revokes the keys of a service, which may be running.</summary>
public static class ApiKeys
{
    private const int LongestName = 60;

    /// <summary>Makes a key.</summary>
    /// <param name="store">The folder of the service's database, or the connection string of PostgreSQL.</param>
    /// <param name="tenant">Whose adaptations it opens.</param>
    /// <param name="name">What the audit log calls who uses it; no two keys of a tenant have the same.</param>
    /// <param name="scopes">What it allows: some of <see cref="Scopes.All"/>.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The key. It is not stored, only its SHA-256.</returns>
    /// <exception cref="ArgumentException">A name or a scope is not as expected, or the tenant has a key of that name.</exception>
    public static string Create(string store, string tenant, string name, IReadOnlyList<string> scopes, TimeProvider time)
    {
        RequireName(tenant, "A tenant");
        RequireName(name, "A key");
        if (scopes.Count == 0 || scopes.FirstOrDefault(scope => !Scopes.All.Contains(scope)) is not null)
        {
            throw new ArgumentException($"A key's scopes must be some of {string.Join(", ", Scopes.All)}, but found '{string.Join(", ", scopes)}'.");
        }

        // 256 random bits cannot be guessed, so a plain hash of them is enough.
        var key = $"dtr_{RandomNumberGenerator.GetHexString(64, lowercase: true)}";
        using var database = Database.Open(store);
        database.Write(tenant, connection =>
        {
            if (connection.Rows(_ => true, "SELECT 1 FROM keys WHERE tenant = @tenant AND name = @name", ("@tenant", tenant), ("@name", name)).Count > 0)
            {
                throw new ArgumentException($"Tenant {tenant} has a key named {name} already: revoke it first, or take another name.");
            }

            return connection.Run(
                "INSERT INTO keys VALUES (@hash, @tenant, @name, @scopes, @now)", ("@hash", AuditLog.HashOf(key)), ("@tenant", tenant), ("@name", name),
                ("@scopes", string.Join(',', scopes.Distinct())), ("@now", time.GetUtcNow().ToString("O")));
        });
        return key;
    }

    /// <summary>The keys of a service.</summary>
    /// <param name="store">The folder of the service's database, or the connection string of PostgreSQL.</param>
    /// <exception cref="IOException">There is no database, or it cannot be reached.</exception>
    public static IReadOnlyList<ApiKey> List(string store) => Database.ReadOnly(store, connection => connection.Rows(
        KeyStore.Read, "SELECT tenant, name, scopes, created FROM keys ORDER BY tenant, name"));

    /// <summary>Revokes a key: a running service refuses it from then on.</summary>
    /// <param name="store">The folder of the service's database, or the connection string of PostgreSQL.</param>
    /// <param name="tenant">The key's tenant.</param>
    /// <param name="name">The key's name.</param>
    /// <returns>Whether there was one.</returns>
    public static bool Revoke(string store, string tenant, string name)
    {
        using var database = Database.Open(store);
        return database.Write(tenant, connection =>
            connection.Run("DELETE FROM keys WHERE tenant = @tenant AND name = @name", ("@tenant", tenant), ("@name", name)) > 0);
    }

    private static void RequireName(string name, string what)
    {
        if (name.Length is 0 or > LongestName || !name.All(character => char.IsAsciiLetterOrDigit(character) || "-_.@".Contains(character, StringComparison.Ordinal)))
        {
            throw new ArgumentException($"{what} must have a name of 1 to {LongestName} letters, digits, '-', '_', '.' or '@', but found '{name}'.");
        }
    }
}

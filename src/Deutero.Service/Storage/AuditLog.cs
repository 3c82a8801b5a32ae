using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Deutero.Service.Storage;

/// <summary>
/// The audit log: each tenant's lines form a chain, in which a line holds the SHA-256 of the one before it. Lines are written in the transaction of
/// what they report, so that there is no change without its line.
/// </summary>
internal sealed class AuditLog(Database database, TimeProvider time)
{
    /// <summary>What the first line of a chain holds as the hash before it.</summary>
    internal static readonly string Beginning = new('0', 64);

    /// <summary>Adds a line within the caller's transaction.</summary>
    internal void Append(DbConnection connection, Actor actor, string action, JsonObject what)
    {
        var (last, previous) = connection.Rows(
            row => (row.GetInt64(0), row.GetString(1)), "SELECT seq, hash FROM audit_heads WHERE tenant = @tenant", ("@tenant", actor.Tenant))
            .DefaultIfEmpty((0, Beginning)).First();
        var line = new JsonObject
        {
            ["seq"] = last + 1, ["time"] = time.GetUtcNow().ToString("O"), ["tenant"] = actor.Tenant, ["who"] = actor.Who, ["action"] = action,
        };
        foreach (var (key, value) in what)
        {
            line[key] = value?.DeepClone();
        }

        line["previous"] = previous;
        var text = line.ToJsonString();
        var hash = HashOf(text);
        connection.Run(
            "INSERT INTO audit VALUES (@tenant, @seq, @line, @hash)", ("@tenant", actor.Tenant), ("@seq", last + 1), ("@line", text), ("@hash", hash));
        connection.Run(
            "INSERT INTO audit_heads VALUES (@tenant, @seq, @hash) ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
            ("@tenant", actor.Tenant), ("@seq", last + 1), ("@hash", hash));
    }

    /// <summary>A tenant's lines after a given one, at most a thousand.</summary>
    internal IReadOnlyList<string> Lines(string tenant, long after) => database.Read(connection => connection.Rows(
        row => row.GetString(0), "SELECT line FROM audit WHERE tenant = @tenant AND seq > @after ORDER BY seq LIMIT 1000",
        ("@tenant", tenant), ("@after", after)));

    internal static string HashOf(string line) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line)));
}

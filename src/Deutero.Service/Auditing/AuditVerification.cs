using System.Data.Common;
using System.Text.Json;
using Deutero.Service.Storage;

namespace Deutero.Service.Auditing;

/// <summary>Finds changed, missing and inserted lines of an audit log.</summary>
/// <remarks>
/// Every line holds the SHA-256 of the one before it, so a line cannot be changed, taken out or put in without all later ones being rewritten. Who can rewrite
/// the whole database can do that: keep a head that was printed earlier elsewhere, and look for it among the lines.
/// </remarks>
public static class AuditVerification
{
    /// <summary>Verifies the log of a service, which may be running.</summary>
    /// <param name="store">The folder of the service's database, or the connection string of PostgreSQL.</param>
    /// <returns>One finding for each tenant.</returns>
    /// <exception cref="IOException">There is no database, or it cannot be reached.</exception>
    public static IReadOnlyList<AuditFinding> OfStore(string store) => Database.ReadOnly(store, connection =>
    {
        var tenants = connection.Rows(row => row.GetString(0), "SELECT tenant FROM audit UNION SELECT tenant FROM audit_heads ORDER BY tenant");
        return tenants.ConvertAll(tenant => OfTenant(connection, tenant));
    });

    /// <summary>Verifies an exported log.</summary>
    /// <param name="lines">The lines, from the first one.</param>
    /// <param name="tenant">Whose log it is; null takes the first line's word.</param>
    public static AuditFinding OfLines(IEnumerable<string> lines, string? tenant = null)
    {
        var (count, head) = (0L, AuditLog.Beginning);
        foreach (var line in lines)
        {
            if (Mistake(line, count + 1, head, ref tenant) is { } mistake)
            {
                return new(tenant ?? "", count, head, mistake);
            }

            (count, head) = (count + 1, AuditLog.HashOf(line));
        }

        return new(tenant ?? "", count, head, null);
    }

    /// <summary>The lines of a tenant's log, which a running service may add to.</summary>
    /// <param name="store">The folder of the service's database, or the connection string of PostgreSQL.</param>
    /// <param name="tenant">Whose log.</param>
    /// <exception cref="IOException">There is no database, or it cannot be reached.</exception>
    public static IReadOnlyList<string> Export(string store, string tenant) => Database.ReadOnly(store, connection => Lines(connection, tenant));

    private static List<string> Lines(DbConnection connection, string tenant) => connection.Rows(
        row => row.GetString(0), "SELECT line FROM audit WHERE tenant = @tenant ORDER BY seq", ("@tenant", tenant));

    private static AuditFinding OfTenant(DbConnection connection, string tenant)
    {
        var lines = Lines(connection, tenant);
        var found = OfLines(lines, tenant);
        var heads = connection.Rows(row => (Last: row.GetInt64(0), Hash: row.GetString(1)), "SELECT seq, hash FROM audit_heads WHERE tenant = @tenant", ("@tenant", tenant));
        if (found.Mistake is not null)
        {
            return found;
        }

        if (heads is not [var (last, hash)])
        {
            return found with { Mistake = $"the log ends at line {found.Lines}, but which line was the last that was written is not recorded any more" };
        }

        // Only the record of the head tells of a change in the last line, which no other line follows.
        return found.Lines != last ? found with { Mistake = $"the log ends at line {found.Lines}, but line {last} was the last that was written" }
            : found.Head == hash ? found
            : OfLines(lines.SkipLast(1), tenant) with { Mistake = $"line {last} was changed: it is not the last line that was written" };
    }

    private static string? Mistake(string line, long expected, string head, ref string? tenant)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var (seq, previous, whose) = (root.GetProperty("seq").GetInt64(), root.GetProperty("previous").GetString(), root.GetProperty("tenant").GetString());
            tenant ??= whose;
            return seq != expected ? $"line {expected} is missing: line {seq} is in its place"
                : whose != tenant ? $"line {expected} belongs to tenant {whose}"
                : previous != head ? $"line {(expected == 1 ? 1 : expected - 1)} was changed: line {expected} does not follow from it"
                : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return $"line {expected} is not a line of an audit log";
        }
    }
}

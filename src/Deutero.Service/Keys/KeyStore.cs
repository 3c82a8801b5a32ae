using System.Data.Common;
using Deutero.Service.Storage;

namespace Deutero.Service.Keys;

/// <summary>Finds the key of a request. A service that had no key when it started needs none.</summary>
internal sealed class KeyStore(Database database)
{
    internal bool Any { get; } = database.Read(connection => connection.Rows(_ => true, "SELECT 1 FROM keys LIMIT 1")).Count > 0;

    internal ApiKey? Find(string key) => database.Read(connection => connection.Rows(
        Read, "SELECT tenant, name, scopes, created FROM keys WHERE hash = @hash", ("@hash", AuditLog.HashOf(key)))).FirstOrDefault();

    internal static ApiKey Read(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2).Split(','), DateTimeOffset.Parse(row.GetString(3)));
}

using System.Text.Json.Nodes;

namespace Deutero.Service.Storage;

/// <summary>What was loaded and retired while the service ran, so that it is so after a restart.</summary>
internal sealed class ModelStore(Database database, AuditLog audit)
{
    /// <summary>Names, and where the models are in the folder; null where the model was retired.</summary>
    internal IReadOnlyList<(string Name, string? Path)> All => database.Read(connection => connection.Rows(
        row => (row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1)), "SELECT name, path FROM models ORDER BY name"));

    internal void Loaded(Actor actor, string name, string path, string version) =>
        Write(actor, "model.load", name, path, new() { ["model"] = name, ["modelVersion"] = version });

    internal void Retired(Actor actor, string name, string version) =>
        Write(actor, "model.retire", name, DBNull.Value, new() { ["model"] = name, ["modelVersion"] = version });

    private void Write(Actor actor, string action, string name, object path, JsonObject line) => database.Write(actor.Tenant, connection =>
    {
        connection.Run("INSERT INTO models VALUES (@name, @path) ON CONFLICT (name) DO UPDATE SET path = excluded.path", ("@name", name), ("@path", path));
        audit.Append(connection, actor, action, line);
        return true;
    });
}

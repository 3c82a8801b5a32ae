using System.Text.Json.Nodes;

namespace Deutero.Service.Storage;

/// <summary>What was loaded and retired while the service ran, so that it is so after a restart.</summary>
internal sealed class ModelStore(Database database, AuditLog audit)
{
    /// <summary>Names, and where the models are in the folder; null where the model was retired.</summary>
    internal IReadOnlyList<(string Name, string? Path)> All => database.Read(connection => connection.Rows(
        row => (row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1)), "SELECT name, path FROM models ORDER BY name"));

    /// <summary>Where a model is in the folder; null where it was retired or never loaded.</summary>
    internal string? PathOf(string name) => All.FirstOrDefault(model => model.Name == name).Path;

    internal void Loaded(Actor actor, string name, string path, string version) =>
        Write(actor, "model.load", name, path, new() { ["model"] = name, ["modelVersion"] = version });

    /// <param name="actor">Whose log tells of it.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="path">Where the package is kept.</param>
    /// <param name="version">The model's version.</param>
    /// <param name="package">The SHA-256 of the package.</param>
    internal void Uploaded(Actor actor, string name, string path, string version, string package) =>
        Write(actor, "model.upload", name, path, new() { ["model"] = name, ["modelVersion"] = version, ["package"] = package });

    internal void Retired(Actor actor, string name, string version) =>
        Write(actor, "model.retire", name, DBNull.Value, new() { ["model"] = name, ["modelVersion"] = version });

    private void Write(Actor actor, string action, string name, object path, JsonObject line) => database.Write(actor.Tenant, connection =>
    {
        connection.Run("INSERT INTO models VALUES (@name, @path) ON CONFLICT (name) DO UPDATE SET path = excluded.path", ("@name", name), ("@path", path));
        audit.Append(connection, actor, action, line);
        return true;
    });
}

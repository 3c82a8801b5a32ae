using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Service.Web;

namespace Deutero.Service.Storage;

/// <summary>Adaptations, their versions and their examples. Everything is asked by tenant: another tenant's adaptations do not exist.</summary>
internal sealed class AdaptationStore(Database database, AuditLog audit, TimeProvider time)
{
    private const string VersionColumns = "a.id, a.name, a.model, a.current, a.revision, v.version, v.parent, v.created, v.model_version, v.content";

    internal Task<WrittenVersion> Create(Actor actor, string id, string name, string model, string modelVersion, IReadOnlyList<ClassContent> content) =>
        database.WriteLater(actor.Tenant, connection =>
        {
            connection.Run(
                "INSERT INTO adaptations VALUES (@id, @tenant, @name, @model, 0, 0, 1, @now)",
                ("@id", id), ("@tenant", actor.Tenant), ("@name", name), ("@model", model), ("@now", Now()));
            return Append(connection, actor, "create", id, parent: 0, modelVersion, content);
        });

    /// <summary>Adds a version and makes it current.</summary>
    /// <exception cref="ServiceProblem">The parent is no longer current, or the adaptation is gone.</exception>
    internal Task<WrittenVersion> Append(Actor actor, StoredVersion parent, string modelVersion, IReadOnlyList<ClassContent> content) =>
        database.WriteLater(actor.Tenant, connection =>
        {
            RequireCurrent(connection, actor, parent);
            return Append(connection, actor, "change", parent.Id, parent.Version, modelVersion, content);
        });

    internal Task<WrittenVersion> RollBack(Actor actor, StoredVersion target) => database.WriteLater(actor.Tenant, connection =>
    {
        RequireRevision(connection, actor, target);
        connection.Run("UPDATE adaptations SET current = @version WHERE id = @id", ("@version", target.Version), ("@id", target.Id));
        audit.Append(connection, actor, "adaptation.rollback", Line(target));
        return new WrittenVersion(target with { Current = target.Version }, Hashes(connection, target.Id));
    });

    /// <summary>Deletes an example for good: from the files, and from every version.</summary>
    internal void Erase(Actor actor, StoredVersion current, long example)
    {
        database.Write(actor.Tenant, connection =>
        {
            RequireRevision(connection, actor, current);
            var hash = connection.Rows(
                row => row.GetString(0), "DELETE FROM examples WHERE adaptation = @id AND id = @example RETURNING hash", ("@id", current.Id), ("@example", example));
            if (hash.Count == 0)
            {
                throw ServiceProblem.NotFound($"The adaptation has no example {example}.");
            }

            foreach (var version in Contents(connection, current.Id))
            {
                var classes = version.Classes.Select(one => one with { Examples = [.. one.Examples.Where(id => id != example)] });
                Rewrite(connection, current.Id, version.Version, [.. classes.Where(one => one.Examples.Count > 0)]);
            }

            connection.Run("UPDATE adaptations SET revision = revision + 1 WHERE id = @id", ("@id", current.Id));
            audit.Append(connection, actor, "example.delete", new() { ["adaptation"] = current.Id, ["examples"] = new JsonArray(hash[0]) });
            return true;
        });
        database.Forget();
    }

    /// <summary>Deletes an adaptation with all its versions and examples for good.</summary>
    /// <returns>Whether there was one.</returns>
    internal bool Delete(Actor actor, string id)
    {
        var gone = database.Write(actor.Tenant, connection =>
        {
            if (connection.Run("DELETE FROM adaptations WHERE id = @id AND tenant = @tenant", ("@id", id), ("@tenant", actor.Tenant)) == 0)
            {
                return false;
            }

            var hashes = connection.Rows(row => (JsonNode)row.GetString(0), "DELETE FROM examples WHERE adaptation = @id RETURNING hash", ("@id", id));
            connection.Run("DELETE FROM versions WHERE adaptation = @id", ("@id", id));
            audit.Append(connection, actor, "adaptation.delete", new() { ["adaptation"] = id, ["examples"] = new JsonArray([.. hashes]) });
            return true;
        });
        if (gone)
        {
            database.Forget();
        }

        return gone;
    }

    /// <summary>An adaptation in one of its versions; null where there is none.</summary>
    internal StoredVersion? Find(string tenant, string id, int? version) => database.Read(connection => connection.Rows(
        ReadVersion,
        $"SELECT {VersionColumns} FROM adaptations a JOIN versions v ON v.adaptation = a.id WHERE a.id = @id AND a.tenant = @tenant AND v.version = COALESCE(@version, a.current)",
        ("@id", id), ("@tenant", tenant), ("@version", version is { } number ? number : DBNull.Value)).FirstOrDefault());

    internal IReadOnlyList<StoredVersion> Versions(string tenant, string id) => database.Read(connection => connection.Rows(
        ReadVersion,
        $"SELECT {VersionColumns} FROM adaptations a JOIN versions v ON v.adaptation = a.id WHERE a.id = @id AND a.tenant = @tenant ORDER BY v.version",
        ("@id", id), ("@tenant", tenant)));

    internal IReadOnlyList<(string Id, string Name, string Model, int Current, DateTimeOffset Created)> List(string tenant, string after, int count) =>
        database.Read(connection => connection.Rows(
            row => (row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), DateTimeOffset.Parse(row.GetString(4))),
            "SELECT id, name, model, current, created FROM adaptations WHERE tenant = @tenant AND id > @after ORDER BY id LIMIT @count",
            ("@tenant", tenant), ("@after", after), ("@count", count)));

    /// <summary>The examples of a version, by number.</summary>
    /// <exception cref="ServiceProblem">One of them was deleted meanwhile.</exception>
    internal IReadOnlyDictionary<long, StoredExample> Examples(StoredVersion version)
    {
        var wanted = version.Classes.SelectMany(one => one.Examples).ToHashSet();
        var found = database.Read(connection => connection.Rows(
            row => new StoredExample(row.GetInt64(0), new((byte[])row[2], row.GetString(1))),
            "SELECT id, hash, content FROM examples WHERE adaptation = @id", ("@id", version.Id)));
        var examples = found.Where(example => wanted.Contains(example.Id)).ToDictionary(example => example.Id);
        return examples.Count == wanted.Count ? examples : throw DeletedMeanwhile();
    }

    /// <summary>The present revisions of adaptations, without those that are gone.</summary>
    internal IReadOnlyDictionary<string, long> Revisions(IEnumerable<string> ids) => database.Read(connection => ids.SelectMany(id => connection.Rows(
        row => (Id: id, Revision: row.GetInt64(0)), "SELECT revision FROM adaptations WHERE id = @id", ("@id", id))).ToDictionary(one => one.Id, one => one.Revision));

    private static Dictionary<long, string> Hashes(DbConnection connection, string id) => connection.Rows(
        row => (Id: row.GetInt64(0), Hash: row.GetString(1)), "SELECT id, hash FROM examples WHERE adaptation = @id", ("@id", id)).ToDictionary(one => one.Id, one => one.Hash);

    private static List<(int Version, StoredClass[] Classes)> Contents(DbConnection connection, string id) => connection.Rows(
        row => (row.GetInt32(0), Content(row.GetString(1))), "SELECT version, content FROM versions WHERE adaptation = @id", ("@id", id));

    private static void Rewrite(DbConnection connection, string id, int version, IReadOnlyList<StoredClass> classes) => connection.Run(
        "UPDATE versions SET content = @content WHERE adaptation = @id AND version = @version",
        ("@content", JsonSerializer.Serialize(classes)), ("@id", id), ("@version", version));

    private static StoredVersion ReadVersion(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt64(4), row.GetInt32(5), row.GetInt32(6),
        DateTimeOffset.Parse(row.GetString(7)), row.GetString(8), Content(row.GetString(9)));

    private static StoredClass[] Content(string json) => JsonSerializer.Deserialize<StoredClass[]>(json)!;

    private static JsonObject Line(StoredVersion version, IEnumerable<string>? examples = null)
    {
        var line = new JsonObject
        {
            ["adaptation"] = version.Id, ["version"] = version.Version, ["model"] = version.Model, ["modelVersion"] = version.ModelVersion,
        };
        if (examples is not null)
        {
            line["examples"] = new JsonArray([.. examples.Select(hash => (JsonNode)hash)]);
        }

        return line;
    }

    private static void RequireCurrent(DbConnection connection, Actor actor, StoredVersion parent)
    {
        RequireRevision(connection, actor, parent);
        var current = connection.Rows(row => row.GetInt32(0), "SELECT current FROM adaptations WHERE id = @id", ("@id", parent.Id))[0];
        if (current != parent.Version)
        {
            throw ServiceProblem.Conflict($"Version {parent.Version} was to be changed, but version {current} is current.");
        }
    }

    // What was read before the transaction is still true: nothing was deleted since.
    private static void RequireRevision(DbConnection connection, Actor actor, StoredVersion read)
    {
        var revision = connection.Rows(
            row => row.GetInt64(0), "SELECT revision FROM adaptations WHERE id = @id AND tenant = @tenant", ("@id", read.Id), ("@tenant", actor.Tenant));
        if (revision.Count == 0)
        {
            throw ServiceProblem.NotFound($"There is no adaptation {read.Id}.");
        }

        if (revision[0] != read.Revision)
        {
            throw DeletedMeanwhile();
        }
    }

    private static ServiceProblem DeletedMeanwhile() => ServiceProblem.Conflict("An example was deleted while the request ran; ask again.");

    private WrittenVersion Append(
        DbConnection connection, Actor actor, string action, string id, int parent, string modelVersion, IReadOnlyList<ClassContent> content)
    {
        var next = connection.Rows(row => row.GetInt64(0), "SELECT next_example FROM adaptations WHERE id = @id", ("@id", id))[0];
        var hashes = new List<string>();
        var classes = new List<StoredClass>();
        foreach (var one in content)
        {
            var examples = one.Kept.ToList();
            foreach (var (added, _) in one.Added)
            {
                hashes.Add(added.Hash);
                connection.Run(
                    "INSERT INTO examples VALUES (@id, @example, @hash, @content)",
                    ("@id", id), ("@example", next), ("@hash", hashes[^1]), ("@content", added.Bytes));
                examples.Add(next++);
            }

            classes.Add(new(one.Name, examples));
        }

        var version = connection.Rows(row => row.GetInt32(0), "SELECT COALESCE(MAX(version), 0) + 1 FROM versions WHERE adaptation = @id", ("@id", id))[0];
        connection.Run(
            "INSERT INTO versions VALUES (@id, @version, @parent, @now, @model, @content)",
            ("@id", id), ("@version", version), ("@parent", parent), ("@now", Now()), ("@model", modelVersion), ("@content", JsonSerializer.Serialize(classes)));
        connection.Run("UPDATE adaptations SET current = @version, next_example = @next WHERE id = @id", ("@version", version), ("@next", next), ("@id", id));
        var stored = connection.Rows(
            ReadVersion, $"SELECT {VersionColumns} FROM adaptations a JOIN versions v ON v.adaptation = a.id WHERE a.id = @id AND v.version = @version",
            ("@id", id), ("@version", version))[0];
        audit.Append(connection, actor, $"adaptation.{action}", Line(stored, hashes));
        return new(stored, Hashes(connection, id));
    }

    private string Now() => time.GetUtcNow().ToString("O");
}

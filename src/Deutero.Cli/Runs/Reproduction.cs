using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Cli.Configuration;

namespace Deutero.Cli.Runs;

/// <summary>A published setting, or the nearest that fits a small machine, with the figures that it is expected to reach.</summary>
/// <param name="Name">Its name, for example <c>omniglot-protonet</c>.</param>
/// <param name="Title">What it reproduces.</param>
/// <param name="Deviations">How it differs from the published setting.</param>
/// <param name="Configuration">The run's configuration as JSON.</param>
/// <param name="Checks">The figures.</param>
public sealed record Reproduction(string Name, string Title, string Deviations, string Configuration, IReadOnlyList<ReproductionCheck> Checks)
{
    private const string Folder = ".Reproductions.";

    /// <summary>What it is judged on: the part of its name before the first dash.</summary>
    public string Benchmark => Name.Split('-')[0];

    /// <summary>The algorithm as configurations name it, for example <c>protonet</c>.</summary>
    public string Learner => LearnerOf(JsonNode.Parse(Configuration)!);

    /// <summary>How many reproductions come before it, each beginning with the model of the one before.</summary>
    public int EarlierStages => EarlierRun(JsonNode.Parse(Configuration)!) is { } run ? 1 + Find(Path.GetFileName(run.GetValue<string>())).EarlierStages : 0;

    /// <summary>All reproductions, in order of name.</summary>
    public static IReadOnlyList<Reproduction> All { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.Contains(Folder, StringComparison.Ordinal))
            .SelectMany(Read).OrderBy(reproduction => reproduction.Name, StringComparer.Ordinal),
    ];

    /// <summary>The reproduction of a name.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is none; the message says which name was probably meant, and how to list all.</exception>
    public static Reproduction Find(string name) => All.FirstOrDefault(reproduction => reproduction.Name == name) ?? throw Unknown(name);

    // There are hundreds, too many for a message.
    private static ArgumentException Unknown(string name)
    {
        var meant = Spelling.Nearest(name, All.Select(reproduction => reproduction.Name)) is { } nearest ? $"did you mean {nearest}? " : "";
        return new($"There is no reproduction '{Spelling.Shortened(name)}': {meant}'deutero reproduce' lists the {All.Count} that there are.");
    }

    // The run whose model it begins with, or whose body reads its items or makes its tasks.
    private static JsonNode? EarlierRun(JsonNode configuration) =>
        configuration["startFrom"] ?? (configuration["data"] as JsonObject)?["body"] ?? ((configuration["episodes"] as JsonObject)?["trainTasks"] as JsonObject)?["body"];

    /// <summary>The algorithm of a configuration.</summary>
    /// <param name="configuration">With a learner as a name, or as an object with its type.</param>
    internal static string LearnerOf(JsonNode configuration) => configuration["learner"] switch
    {
        JsonObject settings => settings["type"]!.GetValue<string>(),
        { } name => name.GetValue<string>(),
        null => "protonet",
    };

    // A file is one reproduction, or a table of learners that share what the file says of all of them.
    private static IEnumerable<Reproduction> Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var document = JsonNode.Parse(stream, documentOptions: options)!.AsObject();
        var start = resource.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length;
        var name = Path.GetFileNameWithoutExtension(resource[start..]);
        return document["learners"] is not JsonObject learners
            ? [Of(name, document)]
            : learners.SelectMany(learner => Folds($"{name}-{learner.Key}", Row(document, learner.Value!.AsObject()), learner.Value["folds"]?.GetValue<int>()));
    }

    // One reproduction for each fold of data that is divided into folds.
    private static IEnumerable<Reproduction> Folds(string name, JsonObject row, int? folds) => folds is not { } count ? [Of(name, row)] : Enumerable.Range(1, count).Select(fold =>
    {
        var one = row.DeepClone().AsObject();
        one["title"] = $"{Text(row, "title")}, fold {fold}";
        one["configuration"]!["data"]!["fold"] = fold;
        return Of($"{name}-fold{fold}", one);
    });

    private static Reproduction Of(string name, JsonObject document) => new(
        name, Text(document, "title"), Text(document, "deviations"), document["configuration"]!.ToJsonString(),
        [.. document["checks"]!.AsArray().Select(check => ReproductionCheck.Read(check!.AsObject()))]);

    // A row's title and deviations are added to the table's, its configuration is merged into the table's (null takes a setting away), and its figures, if it has any, stand for the table's.
    private static JsonObject Row(JsonObject table, JsonObject row)
    {
        var all = table.DeepClone().AsObject();
        all["title"] = $"{Text(row, "title")}, {Text(table, "title")}";
        all["deviations"] = row["deviations"] is { } further ? $"{Text(table, "deviations")} {further.GetValue<string>()}" : Text(table, "deviations");
        all["checks"] = (row["checks"] ?? table["checks"])!.DeepClone();
        Merge(all["configuration"]!.AsObject(), row["configuration"]!.AsObject());
        return all;
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (key, value) in from)
        {
            // The settings of one type mean nothing to another.
            if (into[key] is JsonObject inner && value is JsonObject changes && (changes["type"] is not { } type || JsonNode.DeepEquals(type, inner["type"])))
            {
                Merge(inner, changes);
            }
            else if (value is null)
            {
                into.Remove(key); // as in a JSON merge patch (RFC 7396)
            }
            else
            {
                into[key] = value.DeepClone();
            }
        }
    }

    private static string Text(JsonObject document, string key) => document[key]!.GetValue<string>();
}

using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

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

    /// <summary>All reproductions, in order of name.</summary>
    public static IReadOnlyList<Reproduction> All { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.Contains(Folder, StringComparison.Ordinal))
            .Select(Read).OrderBy(reproduction => reproduction.Name, StringComparer.Ordinal),
    ];

    /// <summary>The reproduction of a name.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is none; the message lists those that exist.</exception>
    public static Reproduction Find(string name) =>
        All.FirstOrDefault(reproduction => reproduction.Name == name)
        ?? throw new ArgumentException($"There is no reproduction '{name}'; there are {string.Join(", ", All.Select(reproduction => reproduction.Name))}.");

    /// <summary>The algorithm of a configuration.</summary>
    /// <param name="configuration">With a learner as a name, or as an object with its type.</param>
    internal static string LearnerOf(JsonNode configuration) => configuration["learner"] switch
    {
        JsonObject settings => settings["type"]!.GetValue<string>(),
        { } name => name.GetValue<string>(),
        null => "protonet",
    };

    private static Reproduction Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var document = JsonNode.Parse(stream, documentOptions: options)!.AsObject();
        var start = resource.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length;
        return new(
            Path.GetFileNameWithoutExtension(resource[start..]), Text(document, "title"), Text(document, "deviations"),
            document["configuration"]!.ToJsonString(), [.. document["checks"]!.AsArray().Select(check => ReproductionCheck.Read(check!.AsObject()))]);
    }

    private static string Text(JsonObject document, string key) => document[key]!.GetValue<string>();
}

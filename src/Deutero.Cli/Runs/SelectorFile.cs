using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Cli.Commands;
using Deutero.Selection;

namespace Deutero.Cli.Runs;

/// <summary>A selector with where its candidates lie, as <c>deutero select</c> writes it.</summary>
/// <param name="Selector">The selector.</param>
/// <param name="IsRun">For each candidate, whether it is a run folder rather than a learner that needs none.</param>
/// <param name="Folder">What run folders are relative to.</param>
internal sealed record SelectorFile(ParadigmSelector Selector, IReadOnlyList<bool> IsRun, string Folder)
{
    private const string Format = "deutero-selector-1";

    /// <summary>The place of the first candidate that is a run folder.</summary>
    internal int FirstRun => IsRun.TakeWhile(isRun => !isRun).Count();

    /// <summary>Whether a path is that of such a file, by its ending.</summary>
    internal static bool Is(string path) => Path.GetExtension(path) == ".json" && File.Exists(path);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no selector, or of features that this version does not compute.</exception>
    internal static SelectorFile Read(string path)
    {
        try
        {
            var document = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            var candidates = document["candidates"]!.AsArray().Select(one => one!.AsObject()).ToArray();
            if (document["format"]!.GetValue<string>() != Format || !Names(document["features"]!).SequenceEqual(TaskFeatures.Names))
            {
                throw new InvalidDataException($"{path} is of another version of Deutero: run 'deutero select' again.");
            }

            var selector = new ParadigmSelector
            {
                Candidates = [.. candidates.Select(one => (one["run"] ?? one["learner"])!.GetValue<string>())], Cost = Number(document["cost"]), Sureness = Number(document["sureness"]),
                SingleBest = document["singleBest"]!.GetValue<int>(), Means = Numbers(document["means"]!), Deviations = Numbers(document["deviations"]!),
                Weights = [.. document["weights"]!.AsArray().Select(row => Numbers(row!))], Inverse = Numbers(document["inverse"]!), Residuals = Numbers(document["residuals"]!),
            };
            return new(selector, [.. candidates.Select(one => one.ContainsKey("run"))], Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception damaged) when (damaged is JsonException or NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path} is not a selector as 'deutero select' writes it.", damaged);
        }
    }

    /// <summary>Writes a file beside which run folders are found again, wherever both are moved together.</summary>
    internal static void Write(string path, ParadigmSelector selector, IReadOnlyList<bool> isRun)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        JsonObject Candidate(string name, int place) => isRun[place] ? new() { ["run"] = Path.GetRelativePath(folder, Path.GetFullPath(name)) } : new() { ["learner"] = name };
        var document = new JsonObject
        {
            ["format"] = Format,
            ["candidates"] = new JsonArray([.. selector.Candidates.Select(Candidate)]),
            ["features"] = new JsonArray([.. TaskFeatures.Names.Select(name => (JsonNode)name)]),
            ["cost"] = selector.Cost,
            ["sureness"] = selector.Sureness,
            ["singleBest"] = selector.SingleBest,
            ["means"] = Array(selector.Means),
            ["deviations"] = Array(selector.Deviations),
            ["weights"] = new JsonArray([.. selector.Weights.Select(Array)]),
            ["inverse"] = Array(selector.Inverse),
            ["residuals"] = Array(selector.Residuals),
        };
        RunFolder.WriteText(path, JsonText.Compact(document) + "\n");
    }

    /// <summary>Opens a candidate's model.</summary>
    /// <param name="candidate">The candidate's place.</param>
    internal TrainedModel Open(int candidate) => IsRun[candidate]
        ? TrainedModel.Open(PathOf(candidate))
        : TrainedModel.Untrained(PathOf(FirstRun), Selector.Candidates[candidate]);

    private string PathOf(int candidate) => Path.Combine(Folder, Selector.Candidates[candidate]);

    private static JsonArray Array(IReadOnlyList<double> values) => [.. values.Select(value => (JsonNode)value)];

    private static string[] Names(JsonNode array) => [.. array.AsArray().Select(name => name!.GetValue<string>())];

    private static double Number(JsonNode? node) => node!.GetValue<double>();

    private static double[] Numbers(JsonNode array) => [.. array.AsArray().Select(Number)];
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Ledger;

/// <summary>What <c>deutero reproduce</c> wrote of one training with one seed. Records of earlier versions lack some of it, which is null then.</summary>
internal sealed partial record LedgerRecord
{
    /// <summary>The reproduction.</summary>
    internal required string Name { get; init; }

    /// <summary>Its name without the fold of the data, where it is of one.</summary>
    internal string Setting => Fold().Replace(Name, "");

    /// <summary>What it is about, for people.</summary>
    internal required string Title { get; init; }

    /// <summary>The part of its name before the first dash.</summary>
    internal required string Benchmark { get; init; }

    /// <summary>The algorithm as configurations name it.</summary>
    internal required string Learner { get; init; }

    /// <summary>How it differs from the published setting.</summary>
    internal required string Deviations { get; init; }

    /// <summary>What was run.</summary>
    internal required string Command { get; init; }

    /// <summary>The commit that it was run with.</summary>
    internal string? Commit { get; init; }

    /// <summary>The seed of training.</summary>
    internal required ulong Seed { get; init; }

    /// <summary>The hash of the configuration.</summary>
    internal required string ConfigurationHash { get; init; }

    /// <summary>Outer updates; 0 where nothing is meta-learned.</summary>
    internal int? Updates { get; init; }

    /// <summary>What training took.</summary>
    internal Cost? Training { get; init; }

    /// <summary>What evaluation took.</summary>
    internal Cost? Evaluation { get; init; }

    /// <summary>The figures.</summary>
    internal required IReadOnlyList<LedgerFigure> Figures { get; init; }

    /// <summary>Reads the records of a folder, at any depth.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FileNotFoundException">There are none.</exception>
    /// <exception cref="InvalidDataException">A file is not a record; the message names it.</exception>
    internal static IReadOnlyList<LedgerRecord> ReadAll(string folder)
    {
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*reproduction.json", SearchOption.AllDirectories) : [];
        return files.Length > 0
            ? [.. files.Order(StringComparer.Ordinal).Select(ReadFile)]
            : throw new FileNotFoundException($"{folder} holds no reproduction.json: run 'deutero reproduce NAME' first.");
    }

    /// <summary>Reads a record.</summary>
    /// <param name="text">Its JSON.</param>
    internal static LedgerRecord Read(string text)
    {
        var record = JsonNode.Parse(text)!;
        var (name, configuration) = ((string)record["reproduction"]!, record["configuration"]!);
        return new()
        {
            Name = name, Title = (string)record["title"]!, Benchmark = name.Split('-')[0], Learner = LearnerOf(configuration),
            Deviations = (string)record["deviations"]!, Command = (string)record["command"]!, Commit = CommitOf(record),
            Seed = (ulong)configuration["training"]!["seed"]!, ConfigurationHash = (string)record["configurationHash"]!, Updates = (int?)record["updates"],
            Training = Cost.Of(record["training"]), Evaluation = Cost.Of(record["evaluation"]),
            Figures = [.. record["figures"]!.AsArray().Select(figure => LedgerFigure.Read(figure!.AsObject()))],
        };
    }

    // Records of version 0.1.0 say it by the setting "firstOrder".
    private static string LearnerOf(JsonNode configuration)
    {
        var settings = configuration["learner"] as JsonObject;
        var firstOrder = (bool?)settings?["firstOrder"] == true || (string?)(settings?["unrolling"] as JsonObject)?["type"] == "first-order";
        return Reproduction.LearnerOf(configuration) + (firstOrder ? ", first order" : "");
    }

    private static string? CommitOf(JsonNode record) =>
        (string?)record["commit"] ?? (((string?)record["environment"]?["Deutero"])?.Split('+') is [_, var commit] ? commit : null);

    private static LedgerRecord ReadFile(string file)
    {
        try
        {
            return Read(File.ReadAllText(file));
        }
        catch (Exception exception) when (exception is JsonException or NullReferenceException or ArgumentNullException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file} is not a record of 'deutero reproduce'.", exception);
        }
    }

    [GeneratedRegex("-fold[0-9]+$")]
    private static partial Regex Fold();
}

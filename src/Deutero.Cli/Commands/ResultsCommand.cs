using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero results</c>: the table of figures that <c>deutero reproduce</c> has written, as Markdown.</summary>
internal static class ResultsCommand
{
    private static readonly Argument<string> s_folder = new("folder") { Description = "A folder with the reproduction.json files of 'deutero reproduce', at any depth.", DefaultValueFactory = _ => "runs" };

    internal static Command Create() => new Command("results", "Print the figures of finished reproductions as a Markdown table.") { s_folder }.Explained("""
        Example:
          deutero results runs
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var folder = arguments.GetValue(s_folder)!;
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*reproduction.json", SearchOption.AllDirectories) : [];
        if (files.Length == 0)
        {
            throw new FileNotFoundException($"{folder} holds no reproduction.json: run 'deutero reproduce NAME' first.");
        }

        Console.Write(Markdown(files.Order(StringComparer.Ordinal).Select(Read)));
        return ExitCodes.Done;
    }

    private static JsonObject Read(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{file} is not a result of 'deutero reproduce'.", exception);
        }
    }

    private static string Markdown(IEnumerable<JsonObject> results)
    {
        var text = new StringBuilder("| setting | figure | reached | 95% | published | wanted | verdict | command |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var result in results)
        {
            foreach (var figure in result["figures"]!.AsArray().Select(figure => figure!.AsObject()))
            {
                text.AppendLine(
                    $"| {result["title"]} | {figure["name"]} | {Number(figure["score"])} | ± {Number(figure["halfWidth95"])} | {Number(figure["published"])} | {Wanted(figure)} | " +
                    $"{(Wanted(figure).Length > 0 ? figure["verdict"] : "")} | `{result["command"]}` |");
            }
        }

        return text.ToString();
    }

    private static string Wanted(JsonObject figure) =>
        figure["atLeast"] is { } least ? $"at least {Number(least)}" : figure["atMost"] is { } most ? $"at most {Number(most)}" : "";

    private static string Number(JsonNode? value) => value is null ? "" : $"{value.GetValue<double>():F2}";
}

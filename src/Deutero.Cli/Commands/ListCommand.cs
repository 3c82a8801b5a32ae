using System.CommandLine;
using System.Reflection;
using System.Text.Json.Nodes;
using Deutero.Cli.Configuration;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Learners;
using Deutero.Models;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero list</c>: what there is to choose from.</summary>
internal static class ListCommand
{
    private static readonly string[] s_topics = ["learners", "models", "data", "settings", "reproductions"];

    private static readonly Argument<string?> s_topic = new("topic")
    {
        Description = $"One of {string.Join(", ", s_topics)}; all but settings where left out.", Arity = ArgumentArity.ZeroOrOne,
    };

    internal static Command Create() => new Command("list", "List learners with their papers, models, data sets, settings with their defaults, or reproductions.")
    {
        s_topic, SharedOptions.Data, SharedOptions.Json,
    }.Explained("""
        Examples:
          deutero list learners
          deutero list settings                    every key, its values and its default
          deutero list settings --json > run.json  a complete configuration file to start from
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var topic = arguments.GetValue(s_topic);
        if (topic is not null && !s_topics.Contains(topic))
        {
            throw new ArgumentException($"There is no list of '{Spelling.Shortened(topic)}': {Spelling.Suggestion(topic, s_topics)}.");
        }

        var folder = arguments.GetValue(SharedOptions.Data);
        string[] shown = topic is null ? [.. s_topics.Where(one => one != "settings")] : [topic];
        if (arguments.GetValue(SharedOptions.Json))
        {
            var values = shown.Select(one => KeyValuePair.Create(one, Json(one, folder))).ToArray();
            Console.WriteLine((topic is null ? new JsonObject(values) : values[0].Value!).ToJsonString(JsonText.Indented));
            return ExitCodes.Done;
        }

        Console.Write(string.Join('\n', shown.Select(one => Text(one, folder))));
        return ExitCodes.Done;
    }

    private static string Text(string topic, string? folder) =>
        topic == "settings" ? Run.Schema.Describe(typeof(RunConfiguration)) : Table(topic, folder).Render();

    private static JsonNode? Json(string topic, string? folder) =>
        topic == "settings" ? JsonNode.Parse(Run.Schema.ToJson(new RunConfiguration())) : JsonText.Of(Table(topic, folder));

    private static TextTable Table(string topic, string? folder) => topic switch
    {
        "learners" => new() { Columns = ["learner", "paper", "venue", "link"], Rows = [.. Run.Schema.Choices(typeof(IMetaLearner)).Select(Learner)] },
        "models" => new() { Columns = ["model", "what it is"], Rows = [.. Run.Schema.Choices(typeof(IModel)).Select(Model)] },
        "data" => DataCommand.Table(folder),
        _ => new() { Columns = ["reproduction", "title"], Rows = [.. Reproductions()] },
    };

    private static string[] Learner(NamedType learner) => learner.Type.GetCustomAttribute<PaperAttribute>() is { } paper
        ? [learner.Name, paper.Citation, paper.Venue, paper.Link]
        : [learner.Name, ConfigurationSchema.Help(learner.Type), "", ""];

    private static string[] Model(NamedType model) => [model.Name, ConfigurationSchema.Help(model.Type)];

    private static IEnumerable<string[]> Reproductions() => Reproduction.All.Select(reproduction => new[] { reproduction.Name, reproduction.Title });
}

using System.CommandLine;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Commands;

/// <summary>Options that several commands have, with one meaning everywhere.</summary>
internal static class SharedOptions
{
    internal static Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON on standard output; progress stays on standard error." };

    internal static Option<string?> Data { get; } = new("--data") { Description = "The folder of the data sets; otherwise DEUTERO_DATA, ../shared/data and the cache are searched.", HelpName = "FOLDER" };

    internal static Option<string[]> Set { get; } = new("--set")
    {
        Description = "Change one setting, for example --set learner.innerRate=0.4; may be repeated.", HelpName = "PATH=VALUE", AllowMultipleArgumentsPerToken = false,
    };

    internal static Option<string?> Config { get; } = new("--config", "-c") { Description = "A JSON file with the settings of the run.", HelpName = "FILE" };

    internal static Option<string?> Device { get; } = new("--device") { Description = "cpu, cuda or cuda:N; default cpu.", HelpName = "DEVICE" };

    internal static string[] SettingsOf(ParseResult result)
    {
        string[] settings = result.GetValue(Set) ?? [];
        settings = result.GetValue(Device) is { } device ? [.. settings, $"device={device}"] : settings;
        return result.GetValue(Data) is { } folder ? [.. settings, $"data.folder={Path.GetFullPath(folder)}"] : settings;
    }

    internal static RunConfiguration ConfigurationOf(ParseResult result) =>
        result.GetValue(Config) is { } file
            ? Run.Schema.Load<RunConfiguration>(file, SettingsOf(result))
            : Run.Schema.Default<RunConfiguration>(SettingsOf(result));
}

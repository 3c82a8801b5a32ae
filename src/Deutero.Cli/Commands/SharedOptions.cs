using System.CommandLine;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Commands;

/// <summary>Options that several commands have, with one meaning everywhere.</summary>
internal static class SharedOptions
{
    internal static Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON on standard output; progress stays on standard error." };

    internal static Option<string?> Data { get; } = new("--data") { Description = "The folder of the data sets; otherwise DEUTERO_DATA, ../shared/data, the cache and /usr/share/datasets are searched.", HelpName = "FOLDER" };

    internal static Option<string[]> Set { get; } = new("--set")
    {
        Description = "Change one setting, for example --set learner.innerRate=0.4; may be repeated.", HelpName = "PATH=VALUE", AllowMultipleArgumentsPerToken = false,
    };

    internal static Option<string?> Config { get; } = new("--config", "-c") { Description = "A JSON file with the settings of the run.", HelpName = "FILE" };

    internal static Option<string?> Device { get; } = new("--device") { Description = "cpu, cuda or cuda:N; default cpu.", HelpName = "DEVICE" };

    internal static Option<string?> Precision { get; } = new("--precision")
    {
        Description = "float32 (default), or bf16 for the convolutions: faster on processors with AMX; see docs/performance.md for what it costs.", HelpName = "NAME",
    };

    /// <summary>The precision of a name as the command line has it.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    internal static Deutero.Models.Precision PrecisionOf(string? name) => name switch
    {
        null or "float32" => Deutero.Models.Precision.Float32,
        "bf16" => Deutero.Models.Precision.BFloat16,
        _ => throw new ArgumentException($"--precision is float32 or bf16 but was '{name}'."),
    };

    internal static string[] SettingsOf(ParseResult result)
    {
        string[] settings = result.GetValue(Set) ?? [];
        settings = result.GetValue(Device) is { } device ? [.. settings, $"device={device}"] : settings;
        settings = result.GetValue(Data) is { } folder ? [.. settings, $"data.folder={Path.GetFullPath(folder)}"] : settings;
        return result.GetValue(Precision) is { } precision ? [.. settings, $"model.precision={PrecisionOf(precision)}"] : settings;
    }

    internal static RunConfiguration ConfigurationOf(ParseResult result, params IEnumerable<string> more)
    {
        string[] settings = [.. SettingsOf(result), .. more];
        return result.GetValue(Config) is { } file
            ? Run.Schema.Load<RunConfiguration>(file, settings)
            : Run.Schema.Default<RunConfiguration>(settings);
    }
}
